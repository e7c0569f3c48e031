"""One attempt to send one message: what Twilio is asked, and what its answer means."""

import json
from dataclasses import replace
from datetime import timedelta
from time import monotonic
from typing import Any, Final
from uuid import UUID

import structlog

from bot.channels.contents import content_of
from bot.channels.twilio_client import REQUEST_SECONDS, InDoubt, NotSent, Said, Twilio
from bot.channels.twilio_errors import TOO_FAST, UNREACHABLE, meaning_of
from bot.channels.twilio_form import written_as
from bot.jobs.consequences import pause_before
from bot.jobs.counting import happened
from bot.jobs.mailing import send_mail
from bot.jobs.worker_services import WorkerServices
from bot.links import file_link
from bot.logs import bound
from domain.kinds import ASKS_NOBODY
from domain.outbox import Claimed, Result
from domain.senders import EMAIL, SMS, WHATSAPP

log = structlog.get_logger()

# Twilio knows no such content, or not with these variables: what it would have said can still be said in plain words.
CONTENT_REFUSED: Final = frozenset({"21654", "21655", "21656"})
# Not the message's own failing: tried again until its deadline, at most a minute apart.
_NOT_ITS_OWN: Final = frozenset({TOO_FAST, UNREACHABLE})
_LONGEST_PAUSE: Final = timedelta(minutes=1)
# Twilio's own bounds for how long it may keep a message, in seconds.
_SHORTEST_VALIDITY, _LONGEST_VALIDITY = 1, 36_000


def attempt(services: WorkerServices, claimed: Claimed, claimed_at: float) -> Result:
    """Send a message, or find out why not. Never raises: what nobody foresaw leaves it in doubt.

    `claimed_at` is when it was claimed, by the monotonic clock. Long after that it is not sent any more: to others this
    process may look dead, and what it claimed be settled.
    """
    with bound(message_id=claimed.message_id, conversation_id=claimed.conversation_id):
        if monotonic() - claimed_at > REQUEST_SECONDS:
            log.warning("claimed too long ago, put back")
            return _result(claimed, "queued", again_in=timedelta(0))
        try:
            result = _attempt(services, claimed)
        except Exception as error:  # noqa: BLE001  nobody knows how far it came
            log.error("sending failed", error=type(error).__name__)
            result = _result(claimed, "in_doubt", reason=type(error).__name__)
        log.info("message sent" if result.provider_sid else "message not sent", **_facts(result))
        return result


def _attempt(services: WorkerServices, claimed: Claimed) -> Result:
    obstacle = _obstacle(services, claimed)
    if obstacle:
        return _result(claimed, "skipped" if claimed.attempts == 1 else "failed", reason=obstacle)
    if claimed.channel == EMAIL:
        return _mailed(services, claimed)
    twilio = services.twilio_of(claimed.account_sid_var, claimed.auth_token_var)
    if twilio is None:
        return _refused(claimed, "account_not_configured")
    said = _said(services, twilio, claimed)
    result = _sent(services, twilio, claimed, said)
    if said.content is not None and claimed.template is None and result.reason in CONTENT_REFUSED:
        log.error("content refused, sent as text; run `raseed templates sync`", reason=result.reason)
        return _sent(services, twilio, claimed, replace(said, content=None))
    return result


def _mailed(services: WorkerServices, claimed: Claimed) -> Result:
    try:
        return _result(claimed, "accepted", provider_sid=send_mail(services, claimed))
    except NotSent as refusal:
        return _refused(claimed, refusal.code)
    except InDoubt as doubt:
        return _result(claimed, "in_doubt", reason=str(doubt))


def _obstacle(services: WorkerServices, claimed: Claimed) -> str | None:
    """Return why this message may not be sent now, this way."""
    if claimed.seconds_left <= 0:
        return "too_late"
    allowed = services.settings.send_only_to
    if allowed and claimed.address not in allowed:
        return "send_only_to"
    if claimed.carrier_stopped or (claimed.opted_out and claimed.kind in ASKS_NOBODY):
        return "opted_out"
    if claimed.refused or claimed.invalid:
        return claimed.refused or "address_invalid"
    if claimed.channel == WHATSAPP and not claimed.window_open and claimed.template is None:
        return "window_closed"
    return None


def _said(services: WorkerServices, twilio: Twilio, claimed: Claimed) -> Said:
    """Return what is said: as a template where WhatsApp asks for one, as registered content, or as numbered text."""
    said = Said(claimed.text, [_address(services, claimed, one) for one in claimed.media])
    if claimed.channel == WHATSAPP and claimed.template is not None and not claimed.window_open:
        return replace(said, content=_template(claimed.template))
    if claimed.choices is None:
        return said
    name, variables = content_of(claimed.choices)
    sid = services.contents.sid_of(twilio.account_sid, name, claimed.choices["language"])
    return said if sid is None else replace(said, content=(sid, variables))


def _address(services: WorkerServices, claimed: Claimed, one: dict[str, Any]) -> str:
    """Return where Twilio finds a file: elsewhere, or with us, where the link begins to expire when it is sent."""
    if "file_id" in one:
        return file_link(services.settings, claimed.business_id, UUID(one["file_id"]))
    return str(one["url"])


def _template(template: dict[str, Any]) -> tuple[str, str]:
    variables = {str(number): value for number, value in enumerate(template["variables"], start=1)}
    return template["content_sid"], json.dumps(variables, ensure_ascii=False)


def _sent(services: WorkerServices, twilio: Twilio, claimed: Claimed, said: Said) -> Result:
    try:
        sid = twilio.send(
            sender=written_as(claimed.channel, claimed.sender_address),
            to=written_as(claimed.channel, claimed.address),
            said=said,
            status_callback=f"{services.settings.public_base_url}/webhooks/twilio/status?message={claimed.message_id}",
            valid_seconds=_valid_seconds(claimed),
        )
    except NotSent as refusal:
        return _refused(claimed, refusal.code)
    except InDoubt as doubt:
        return _result(claimed, "in_doubt", reason=str(doubt))
    return _result(claimed, "accepted", provider_sid=sid)


def _valid_seconds(claimed: Claimed) -> int | None:
    """Return for how long Twilio may try: a code is worth nothing later. WhatsApp knows no such bound."""
    if claimed.channel != SMS or claimed.kind != "code":
        return None
    return min(max(int(claimed.seconds_left), _SHORTEST_VALIDITY), _LONGEST_VALIDITY)


def _refused(claimed: Claimed, code: str) -> Result:
    meaning = meaning_of(code)
    happened("refusals", code)
    if meaning.reason in _NOT_ITS_OWN:
        wait = min(pause_before(meaning.wait, claimed.attempts - 1), _LONGEST_PAUSE)
        return _result(claimed, "queued", reason=code, again_in=wait)
    if claimed.failures < meaning.attempts:
        return _result(claimed, "queued", reason=code, again_in=pause_before(meaning.wait, claimed.failures))
    return _result(claimed, "failed", reason=code)


def _result(
    claimed: Claimed,
    status: str,
    *,
    provider_sid: str | None = None,
    reason: str | None = None,
    again_in: timedelta | None = None,
) -> Result:
    counts = status == "queued" and reason is not None and meaning_of(reason).reason not in _NOT_ITS_OWN
    return Result(claimed.message_id, claimed.attempts, status, provider_sid, reason, again_in, counts)


def _facts(result: Result) -> dict[str, str]:
    facts = {"status": result.status, "provider_sid": result.provider_sid, "reason": result.reason}
    return {name: value for name, value in facts.items() if value}
