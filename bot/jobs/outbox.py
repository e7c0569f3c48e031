"""Sends what is due."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from time import monotonic
from typing import Final

import structlog

from bot.channels.contents import content_of
from bot.channels.twilio_client import REQUEST_SECONDS, InDoubt, NotSent, Said, Twilio
from bot.channels.twilio_form import written_as
from bot.jobs.failing import fails_in_one_line
from bot.jobs.queues import OUTBOX
from bot.jobs.worker_services import WorkerServices, worker_services
from bot.logs import bound
from domain.outbox import Claimed, Result, claim_due, doubt_abandoned, record_results

log = structlog.get_logger()

_BATCH: Final = 20
_IN_FLIGHT: Final = 10
_JOB_SECONDS: Final = 30.0
_ABANDONED_AFTER: Final = REQUEST_SECONDS + 20.0
# Twilio knows no such content, or not with these variables: what it would have said can still be said in plain words.
CONTENT_REFUSED: Final = frozenset({"21654", "21655", "21656"})
_AGAIN_IN: Final = timedelta(seconds=5)


@fails_in_one_line
def send_due() -> None:
    """Send until nothing is due, or the job's time is up; what is left is found by the next one."""
    services = worker_services()
    services.bell.answered(OUTBOX)
    if not send_all(services, _JOB_SECONDS):
        services.bell.ring(OUTBOX)


def send_all(services: WorkerServices, seconds: float) -> bool:
    """Send for up to so many seconds. True: nothing is due any more."""
    until = monotonic() + seconds
    while monotonic() < until:
        if not send_batch(services):
            return True
    return False


def send_batch(services: WorkerServices) -> int:
    """Claim a batch, send it, write down what came of it. No connection is held while Twilio is waited for."""
    with services.door.for_every_business() as session:
        claimed = claim_due(session, _BATCH)
    if not claimed:
        return 0
    with ThreadPoolExecutor(_IN_FLIGHT) as pool:
        results = list(pool.map(lambda one: _attempt(services, one), claimed))
    with services.door.for_every_business() as session:
        record_results(session, results)
    return len(claimed)


@fails_in_one_line
def look_for_abandoned() -> None:
    """Put in doubt what a dead process left half sent."""
    doubt_older_than(worker_services(), _ABANDONED_AFTER)


def doubt_older_than(services: WorkerServices, seconds: float) -> None:
    """Put in doubt what has been sending for more than so many seconds."""
    with services.door.for_every_business() as session:
        number = doubt_abandoned(session, seconds)
    if number:
        log.warning("sends abandoned by a dead process are in doubt", number=number)


def _attempt(services: WorkerServices, claimed: Claimed) -> Result:
    with bound(message_id=claimed.message_id, conversation_id=claimed.conversation_id):
        allowed = services.settings.send_only_to
        if allowed and claimed.address not in allowed:
            return Result(claimed.message_id, "skipped", reason="send_only_to")
        result = _send(services, claimed)
        log.info("message sent" if result.provider_sid else "message not sent", **_facts(result))
        return result


def _send(services: WorkerServices, claimed: Claimed) -> Result:
    twilio = services.twilio_of(claimed.account_sid_var, claimed.auth_token_var)
    if twilio is None:
        return Result(claimed.message_id, "failed", reason="account_not_configured")
    said = _said(services, twilio, claimed)
    result = _sent(services, twilio, claimed, said)
    if said.content is not None and result.reason in CONTENT_REFUSED:
        log.error("content refused, sent as text; run `raseed templates sync`", reason=result.reason)
        return _sent(services, twilio, claimed, replace(said, content=None))
    return result


def _said(services: WorkerServices, twilio: Twilio, claimed: Claimed) -> Said:
    """Return what is said: as registered content where that is known, else as numbered text."""
    said = Said(claimed.text, [str(one["url"]) for one in claimed.media])
    if claimed.choices is None:
        return said
    name, variables = content_of(claimed.choices)
    sid = services.contents.sid_of(twilio.account_sid, name, claimed.choices["language"])
    return said if sid is None else replace(said, content=(sid, variables))


def _sent(services: WorkerServices, twilio: Twilio, claimed: Claimed, said: Said) -> Result:
    try:
        sid = twilio.send(
            sender=written_as(claimed.channel, claimed.sender_address),
            to=written_as(claimed.channel, claimed.address),
            said=said,
            status_callback=f"{services.settings.public_base_url}/webhooks/twilio/status?message={claimed.message_id}",
        )
    except NotSent as refusal:
        if refusal.again:
            return Result(claimed.message_id, "queued", reason=refusal.code, again_in=_AGAIN_IN)
        return Result(claimed.message_id, "failed", reason=refusal.code)
    except InDoubt as doubt:
        return Result(claimed.message_id, "in_doubt", reason=str(doubt))
    return Result(claimed.message_id, "accepted", provider_sid=sid)


def _facts(result: Result) -> dict[str, str]:
    facts = {"status": result.status, "provider_sid": result.provider_sid, "reason": result.reason}
    return {name: value for name, value in facts.items() if value}
