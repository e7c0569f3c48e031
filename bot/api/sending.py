"""The single send: a member of staff says something to one person."""

from collections.abc import Mapping
from datetime import timedelta
from math import ceil
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import Field, HttpUrl, StringConstraints, model_validator
from sqlalchemy import select, text

from bot.api.calls import Call
from bot.api.messages import Status, messages
from bot.api.shapes import Shape
from bot.channels.render import LONGEST_TEXT
from bot.jobs.queues import queue_of
from bot.problems import FieldProblem, Problem
from bot.saying import NoWay, Recipient, Saying, TooLong, from_template, letter, plain
from bot.settings import ADDRESS
from domain.businesses import Business
from domain.clock import now
from domain.customers import Customer
from domain.phones import PhoneError, to_e164
from domain.speaking import speak
from domain.staff import AGENT
from domain.templates import bodies_of
from domain.ways import BEST_FIRST

__all__ = ["messages"]  # with this file's route among them

_KIND: Final = "staff"
_ACTION: Final = "message.sent"
_WITHIN: Final = timedelta(minutes=1)
_MOST: Final = 5
_AUTO: Final = "auto"

# Those of one person are counted one after the other: whoever asks at the same time waits, and then sees the others'.
_ALONE: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('send ' || :actor, 0))")
_SENT: Final = text(
    """
    SELECT created_at FROM audit_entry
    WHERE business_id = :business_id AND actor_id = CAST(:actor AS uuid) AND action = :action AND created_at > :since
    ORDER BY created_at DESC, id DESC LIMIT :most
    """
)

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TEXT)]


class MessageToSend(Shape):
    """What to say, and to whom: `to` or `customer_id`; `text`, or a `template` by name.

    `to` is a phone in any usual form, or an e-mail address. Auto takes WhatsApp where that is possible now, else SMS,
    else e-mail.
    """

    to: Annotated[str, Field(max_length=254)] | None = None
    customer_id: UUID | None = None
    channel: Literal["auto", "whatsapp", "sms", "email"] = "auto"
    text: Words | None = None
    template: Annotated[str, Field(max_length=200)] | None = None
    variables: dict[str, Annotated[str, StringConstraints(min_length=1, max_length=500)]] = Field(default_factory=dict)
    media_url: HttpUrl | None = None

    @model_validator(mode="after")
    def _one_of_each(self) -> "MessageToSend":
        if (self.to is None) == (self.customer_id is None):
            raise ValueError("either to or customer_id is needed")
        if (self.text is None) == (self.template is None):
            raise ValueError("either text or template is needed")
        return self


class MessageTaken(Shape):
    """A message that was taken on: it is sent by itself, or skipped, and then `reason` says why."""

    id: UUID
    status: Status
    channel: Literal["whatsapp", "sms", "email"]
    reason: str | None


@messages.post(
    "/messages",
    role=AGENT,
    body=MessageToSend,
    answer=MessageTaken,
    status=202,
    problems={404: "There is no such customer.", 429: "Five messages a minute; Retry-After says when to go on."},
)
def send_message(call: Call, body: MessageToSend) -> MessageTaken:
    """Say something to one person. Five messages a minute for each member of staff or API key."""
    _not_too_often(call)
    recipient, customer_id = _recipient(call, body)
    visit = call.visit()
    try:
        said = letter(visit, call.services.accounts, recipient, _saying(call, body, customer_id))
    except NoWay as error:
        raise Problem(422, "no_sender", str(error)) from None
    except TooLong as error:
        raise _wrong("text", "too_long", str(error)) from None
    speak(visit, call.business_id, [said])
    facts: dict[str, Any] = {
        "address": recipient.address,
        "channel": said.channel,
        "text": said.text,
        "status": said.status,
    }
    call.record(_ACTION, ("message", said.message_id), None, facts)
    call.after_commit(lambda: call.services.bell.ring(queue_of(_KIND, said.channel)))
    return MessageTaken(id=said.message_id, status=said.status, channel=said.channel, reason=said.reason)  # type: ignore[arg-type]


def _not_too_often(call: Call) -> None:
    at = now()
    values = {
        "actor": str(call.principal.id),
        "business_id": call.business_id,
        "action": _ACTION,
        "since": at - _WITHIN,
        "most": _MOST,
    }
    call.session.execute(_ALONE, {"actor": values["actor"]})
    sent = list(call.session.scalars(_SENT, values))
    if len(sent) == _MOST:
        wait = ceil((sent[-1] + _WITHIN - at).total_seconds())
        headers = {"Retry-After": str(max(wait, 1))}
        raise Problem(429, "too_many", f"at most {_MOST} messages a minute", headers=headers)


def _recipient(call: Call, body: MessageToSend) -> tuple[Recipient, UUID | None]:
    business = call.session.get_one(Business, call.business_id)
    channels = BEST_FIRST if body.channel == _AUTO else (body.channel,)
    if body.to is not None:
        phone, email = (None, _email(body.to)) if "@" in body.to else (_phone(body.to, business.country), None)
        return Recipient(business.id, phone, business.language, channels, email), None
    found = select(Customer).where(Customer.business_id == business.id, Customer.id == body.customer_id)
    customer = call.session.scalar(found)
    if customer is None:
        raise Problem(404, "not_found", "there is no customer with this id")
    if customer.phone is None and customer.email is None:
        raise _wrong("customer_id", "no_phone", "this customer has neither a phone nor an e-mail address on file")
    language = customer.language or business.language
    return Recipient(business.id, customer.phone, language, channels, customer.email), customer.id


def _phone(written: str, country: str) -> str:
    try:
        return to_e164(written, country)
    except PhoneError:
        raise _wrong("to", "not_a_phone", "this is not a telephone number") from None


def _email(written: str) -> str:
    if not ADDRESS.fullmatch(written.strip()):
        raise _wrong("to", "not_an_address", "this is not an e-mail address")
    return written.strip()


def _saying(call: Call, body: MessageToSend, customer_id: UUID | None) -> Saying:
    media = (str(body.media_url),) if body.media_url else ()
    if body.text is not None:
        return plain(_KIND, body.text, media, customer_id)
    return chosen_template(call, _KIND, body.template or "", body.variables, customer_id)


def chosen_template(
    call: Call, kind: str, name: str, values: Mapping[str, str], customer_id: UUID | None = None
) -> Saying:
    """Return what a template says with `values` by name. Raises Problem where it is unknown, or they don't suit it."""
    bodies = bodies_of(call.visit(), name)
    if not bodies:
        raise _wrong("template", "unknown", "there is no such template")
    _check_values({one for _, names in bodies.values() for one in names}, values)
    return from_template(kind, name, bodies, values, customer_id)


def _check_values(wanted: set[str], given: Mapping[str, str]) -> None:
    for name in sorted(wanted - set(given)):
        raise _wrong(f"variables.{name}", "missing", "the template needs this value")
    for name in sorted(set(given) - wanted):
        raise _wrong(f"variables.{name}", "unknown", "the template has no such value")


def _wrong(field: str, code: str, detail: str) -> Problem:
    return Problem(422, "invalid", detail, [FieldProblem(field, code, detail)])
