"""Settles sends in doubt by what Twilio lists."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Final

import requests
import structlog
from sqlalchemy.exc import IntegrityError
from twilio.base.exceptions import TwilioException

from bot.channels.twilio_client import REQUEST_SECONDS
from bot.channels.twilio_form import written_as
from bot.jobs.consequences import act_on
from bot.jobs.counting import happened
from bot.jobs.events import fold_all
from bot.jobs.failing import fails_in_one_line
from bot.jobs.queues import queue_of
from bot.jobs.worker_services import WorkerServices, worker_services
from domain.doubts import GIVEN_UP, SENT_AGAIN, Doubt, ours, ripe_doubts, settle
from domain.senders import EMAIL

log = structlog.get_logger()

# The request's time limit, and then time for Twilio's list to show what it accepted.
_RIPE_AFTER: Final = REQUEST_SECONDS + 20.0
_CLOCKS_DIFFER_BY: Final = timedelta(seconds=5)
_BATCH: Final = 200
_AT_ONCE: Final = 8
_FOLD_SECONDS: Final = 10.0


@fails_in_one_line
def settle_doubts() -> None:
    """Settle what is ripe; what Twilio can't be asked about now is asked again at the next time."""
    settle_older_than(worker_services(), _RIPE_AFTER)


def settle_older_than(services: WorkerServices, seconds: float) -> None:
    """Settle the doubts whose attempt is more than so many seconds ago."""
    fold_all(services, _FOLD_SECONDS)  # a callback that names its message knows best
    after = 0
    while True:
        with services.door.for_every_business() as session:
            doubts = ripe_doubts(session, seconds, _BATCH, after)
        if not doubts:
            return
        after = doubts[-1].seq
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            listings = list(pool.map(lambda doubt: _listed(services, doubt), doubts))
        for doubt, listed in zip(doubts, listings, strict=True):
            if listed is not None:
                _settle(services, doubt, listed)


def _settle(services: WorkerServices, doubt: Doubt, listed: list[str]) -> None:
    try:
        with services.door.for_every_business() as session:
            taken = ours(session, listed, but=doubt.message_id)
            sid = next((sid for sid in listed if sid not in taken), None)
            outcome = settle(session, doubt, sid)
            if outcome == GIVEN_UP:
                act_on(session, [doubt.message_id])
    except IntegrityError:
        return  # somebody else has just found the same; next time it is theirs
    happened("doubts", outcome)
    if outcome == SENT_AGAIN:
        services.bell.ring(queue_of(doubt.kind, doubt.channel))
    log.info("doubt settled", message_id=doubt.message_id, outcome=outcome)


def _listed(services: WorkerServices, doubt: Doubt) -> list[str] | None:
    """Return the SIDs of what Twilio sent to the same address with the same text since the attempt, oldest first.

    None: it can't be asked. Of mails nobody can be.
    """
    if doubt.channel == EMAIL:
        return []
    twilio = services.twilio_of(doubt.account_sid_var, doubt.auth_token_var)
    if twilio is None:
        return None
    try:
        return twilio.sids_of(
            sender=written_as(doubt.channel, doubt.sender_address),
            to=written_as(doubt.channel, doubt.address),
            bodies=doubt.texts,
            since=doubt.claimed_at - _CLOCKS_DIFFER_BY,
        )
    except (TwilioException, requests.exceptions.RequestException) as error:
        log.warning("Twilio can't be asked", message_id=doubt.message_id, error=type(error).__name__)
        return None
