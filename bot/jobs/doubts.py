"""Settles sends in doubt by what Twilio lists."""

from datetime import timedelta
from typing import Final

import requests
import structlog
from twilio.base.exceptions import TwilioException

from bot.channels.twilio_client import REQUEST_SECONDS
from bot.channels.twilio_form import written_as
from bot.jobs.failing import fails_in_one_line
from bot.jobs.worker_services import WorkerServices, worker_services
from domain.doubts import Doubt, ours, ripe_doubts, settle

log = structlog.get_logger()

# The request's time limit, and then time for Twilio's list to show what it accepted.
_RIPE_AFTER: Final = REQUEST_SECONDS + 20.0
_CLOCKS_DIFFER_BY: Final = timedelta(seconds=5)
_BATCH: Final = 50


@fails_in_one_line
def settle_doubts() -> None:
    """Settle what is ripe; what Twilio can't be asked about now is asked again at the next time."""
    settle_older_than(worker_services(), _RIPE_AFTER)


def settle_older_than(services: WorkerServices, seconds: float) -> None:
    """Settle the doubts whose attempt is more than so many seconds ago."""
    with services.door.for_every_business() as session:
        doubts = ripe_doubts(session, seconds, _BATCH)
    for doubt in doubts:
        try:
            _settle(services, doubt, _listed(services, doubt))
        except (TwilioException, requests.exceptions.RequestException) as error:
            log.warning("Twilio can't be asked", message_id=doubt.message_id, error=type(error).__name__)


def _settle(services: WorkerServices, doubt: Doubt, listed: list[str]) -> None:
    with services.door.for_every_business() as session:
        taken = ours(session, listed)
        sid = next((sid for sid in listed if sid not in taken), None)
        outcome = settle(session, doubt, sid)
    log.info("doubt settled", message_id=doubt.message_id, outcome=outcome)


def _listed(services: WorkerServices, doubt: Doubt) -> list[str]:
    """Return the SIDs of what Twilio sent to the same address with the same text since the attempt, oldest first."""
    twilio = services.twilio_of(doubt.account_sid_var, doubt.auth_token_var)
    if twilio is None:
        return []
    since = doubt.claimed_at - _CLOCKS_DIFFER_BY
    return twilio.sids_of(
        sender=written_as(doubt.channel, doubt.sender_address),
        to=written_as(doubt.channel, doubt.address),
        bodies=doubt.texts,
        since=since,
    )
