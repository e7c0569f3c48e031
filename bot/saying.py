"""Says something to somebody of our own accord: over the best way that there is, with the others in reserve."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import UUID

from bot.channels.approved import values_of
from bot.channels.render import LONGEST_TEXT, render
from bot.channels.segments import count
from bot.channels.twilio_accounts import Accounts
from domain.door import Visit
from domain.kinds import ASKS_NOBODY, BY_EMAIL
from domain.senders import EMAIL, SMS, WHATSAPP
from domain.speaking import Letter
from domain.templates import Approved, fill, newest_approved
from domain.ways import BEST_FIRST, Address, Way, ways_to, ways_to_many
from flows.reply import Reply
from locales.speech import Speech
from locales.text import Name, Text, text

_NO_TURN: Final = 0  # what is said of our own accord has no buttons


class NoWay(Exception):
    """The business has no number of its own to say it from."""


class TooLong(ValueError):
    """Twilio takes 1,600 characters at most in one message (error 21617)."""


def _no_values(names: list[str], _: str) -> list[str]:
    raise ValueError(f"no values for {', '.join(names)}")


@dataclass(frozen=True, slots=True)
class Document:
    """An invoice or a credit note of ours. `link` is where it is found, in a language."""

    document_id: UUID
    link: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Saying:
    """What is to be said: on each channel in its own words, and as a template where WhatsApp asks for one.

    `words` are those of a channel and a language; `values` those of a template's variables, by their names, likewise.
    `subject` is a mail's; without one it says from whom it is. `document` goes with it: by e-mail it is attached.
    `file` is one of the message's own ({"file_id", "name", "content_type", "size"}), which WhatsApp alone carries.
    """

    kind: str
    words: Callable[[str, str], str]
    template: str | None = None
    values: Callable[[list[str], str], list[str]] = _no_values
    media: tuple[str, ...] = ()
    file: dict[str, Any] | None = None
    customer_id: UUID | None = None
    subject: Text | None = None
    document: Document | None = None


def plain(kind: str, text: str, media: tuple[str, ...] = (), customer_id: UUID | None = None) -> Saying:
    """Return somebody's own words, the same on every channel."""
    return Saying(kind, lambda *_: text, media=media, customer_id=customer_id)


def in_words(
    kind: str, reply: Reply, template: tuple[str, Text] | None = None, customer_id: UUID | None = None, **more: Any
) -> Saying:
    """Return what the catalogues say, without anything to choose from; `template` is a name and its text.

    `more` is what else a saying may have: a subject, a document.
    """

    def words(channel: str, language: str) -> str:
        return "\n".join(part.text for part in render(reply, language, channel, _NO_TURN))

    if template is None:
        return Saying(kind, words, customer_id=customer_id, **more)
    name, said = template
    return Saying(kind, words, name, partial(values_of, said), customer_id=customer_id, **more)


def from_template(
    kind: str,
    name: str,
    bodies: Mapping[str, tuple[str, list[str]]],
    values: Mapping[str, str],
    customer_id: UUID | None = None,
) -> Saying:
    """Return a registered template in words of its own (`domain.templates.bodies_of`), with `values` by name."""

    def in_order(names: list[str], _: str) -> list[str]:
        return [values[one] for one in names]

    def words(_: str, language: str) -> str:
        body, names = bodies.get(language) or next(iter(bodies.values()))
        return fill(body, in_order(names, language))

    return Saying(kind, words, name, in_order, customer_id=customer_id)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom it is said to: a phone (E.164) or WhatsApp id, their language, over which channels they are reached, and
    the address of their e-mail. With `sender_id` it is said from that sender of ours only.
    """

    business_id: UUID
    address: str | None
    language: str
    channels: tuple[str, ...] = BEST_FIRST
    email: str | None = None
    sender_id: UUID | None = None


def letter(visit: Visit, accounts: Accounts, to: Recipient, saying: Saying) -> Letter:
    """Return the message that says `saying` to somebody, over the best way; if there is none, skipped and why.

    Raises NoWay where the business has nothing to say it from, and TooLong.
    """
    channels = _channels(accounts, to, saying)
    if not channels:
        raise NoWay("no mails are sent: SMTP_HOST is not set")
    ways = ways_to(visit, to.business_id, to.address, to.email, channels, to.sender_id)
    if not ways:
        raise NoWay(f"there is no way to them on {', '.join(to.channels)}")
    return _letter(_Templates(visit, accounts), ways, to, saying)


def letters(
    visit: Visit, accounts: Accounts, business_id: UUID, wanted: Sequence[tuple[Recipient, Saying]]
) -> list[Letter | None]:
    """Return the same for many of one business, in few questions; None for who can't be reached at all."""
    if not wanted:
        return []
    templates = _Templates(visit, accounts)
    people = [Address(to.address, to.email) for to, _ in wanted]
    found = []
    for (to, saying), every in zip(wanted, ways_to_many(visit, business_id, people), strict=True):
        channels = _channels(accounts, to, saying)
        ways = [way for way in every if way.channel in channels]
        found.append(_letter(templates, ways, to, saying) if ways else None)
    return found


def _channels(accounts: Accounts, to: Recipient, saying: Saying) -> tuple[str, ...]:
    return tuple(one for one in to.channels if one != EMAIL or _may_be_mailed(accounts, to, saying))


class _Templates:
    """The approved templates, each looked for once."""

    def __init__(self, visit: Visit, accounts: Accounts) -> None:
        self._visit = visit
        self._accounts = accounts
        self._known: dict[tuple[str, str, str], Approved | None] = {}

    def find(self, account_sid_var: str | None, name: str, language: str) -> Approved | None:
        """Return the newest version of a template that an account may say."""
        key = (self._accounts.sid_of(account_sid_var) or "", name, language)
        if key not in self._known:
            self._known[key] = newest_approved(self._visit, *key)
        return self._known[key]


def _letter(templates: _Templates, ways: Sequence[Way], to: Recipient, saying: Saying) -> Letter:
    tried = [_try(templates, way, to.language, saying) for way in ways]
    open_ways = [written for written, obstacle in tried if obstacle is None]
    best = open_ways[0] if open_ways else tried[0][0]
    return Letter(
        sender_id=UUID(best["sender_id"]),
        channel=best["channel"],
        address=best["address"],
        kind=saying.kind,
        text=best["text"],
        encoding=best["encoding"],
        segments=best["segments"],
        media=best["media"],
        template=best["template"],
        mail=best["mail"],
        ways=open_ways[1:],
        customer_id=saying.customer_id,
        status="queued" if open_ways else "skipped",
        reason=None if open_ways else tried[0][1],
    )


def _may_be_mailed(accounts: Accounts, to: Recipient, saying: Saying) -> bool:
    """Tell whether e-mail is a way: by itself it is one for some kinds only."""
    return accounts.sends_mails and (to.channels == (EMAIL,) or saying.kind in BY_EMAIL)


def _try(templates: _Templates, way: Way, language: str, saying: Saying) -> tuple[dict[str, Any], str | None]:
    """Return what would be said over a way, and what stands in the way of it."""
    language = way.language or language
    template = None
    obstacle = way.obstacle if way.obstacle != "opted_out" or saying.kind in ASKS_NOBODY else None
    if way.channel == WHATSAPP and saying.template is not None:
        template = _template(templates, way, language, saying)
    if way.channel == WHATSAPP and not way.window_open and template is None:
        obstacle = obstacle or "window_closed"
    return {**_written(way, saying, language), "template": template}, obstacle


def _written(way: Way, saying: Saying, language: str) -> dict[str, Any]:
    # On SMS a file is a link: one segment more, rather than an MMS that few networks carry. By e-mail what we have
    # ourselves is attached, and what is elsewhere is a link.
    links = [*saying.media, *([saying.document.link(language)] if saying.document and way.channel != EMAIL else ())]
    lines = [saying.words(way.channel, language), *(links if way.channel != WHATSAPP else ())]
    said = "\n".join(filter(None, lines))
    if len(said) > LONGEST_TEXT:
        raise TooLong(f"{len(said)} characters, where {LONGEST_TEXT} are possible")
    counted = count(said) if way.channel == SMS else None
    return {
        "sender_id": str(way.sender_id),
        "channel": way.channel,
        "address": way.address,
        "text": said,
        "encoding": counted.encoding if counted else None,
        "segments": counted.segments if counted else None,
        "media": _carried(saying, links) if way.channel == WHATSAPP else _attached(way, saying, language),
        "mail": _mail(way, saying, language) if way.channel == EMAIL else None,
    }


def _carried(saying: Saying, links: Sequence[str]) -> list[dict[str, Any]]:
    return [*([saying.file] if saying.file else ()), *({"url": url} for url in links)]


def _attached(way: Way, saying: Saying, language: str) -> list[dict[str, Any]]:
    if way.channel != EMAIL or saying.document is None:
        return []
    return [{"document": str(saying.document.document_id), "language": language}]


def _mail(way: Way, saying: Saying, language: str) -> dict[str, Any]:
    business = way.name_in(language)
    subject = Speech(language, sms=False).say(saying.subject or text("mail.subject", business=Name(business)))
    return {"subject": subject, "language": language, "sender": business}


def _template(templates: _Templates, way: Way, language: str, saying: Saying) -> dict[str, Any] | None:
    approved = templates.find(way.account_sid_var, saying.template or "", language)
    if approved is None:
        return None
    values = saying.values(approved.variables, language)
    return {
        "id": str(approved.id),
        "content_sid": approved.content_sid,
        "variables": values,
        "text": fill(approved.body, values),
    }
