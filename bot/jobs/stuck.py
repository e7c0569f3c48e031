"""Asks Twilio what became of messages when nobody told us: a status callback that is lost is lost for ever."""

from concurrent.futures import ThreadPoolExecutor
from typing import Final

import requests
import structlog
from twilio.base.exceptions import TwilioException

from bot.jobs.events import follow_up
from bot.jobs.failing import fails_in_one_line
from bot.jobs.worker_services import WorkerServices, worker_services
from domain.deliveries import Stuck, looked, stuck

log = structlog.get_logger()

_BATCH: Final = 200
_AT_ONCE: Final = 8
_Found = tuple[str, str | None] | None


@fails_in_one_line
def ask_what_became() -> None:
    """Ask about what was accepted long ago; what can't be asked about now is asked about next time."""
    ask_about_all(worker_services())


def ask_about_all(services: WorkerServices) -> int:
    """Ask about all that is stuck, and return how many messages it was."""
    asked = 0
    while True:
        with services.door.for_every_business() as session:
            batch = stuck(session, _BATCH)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            answers = list(zip(batch, pool.map(lambda one: _ask(services, one), batch), strict=True))
        found = [(one, answer) for one, answer in answers if answer is not None]
        with services.door.for_every_business() as session:
            news = [(one.message_id, status, code) for one, (status, code) in found]
            follow_up(session, looked(session, [one.message_id for one, _ in found], news))
        asked += len(found)
        if len(batch) < _BATCH or len(found) < len(batch):
            return asked


def _ask(services: WorkerServices, one: Stuck) -> _Found:
    twilio = services.twilio_of(one.account_sid_var, one.auth_token_var)
    if twilio is None:
        return None
    try:
        return twilio.status_of(one.provider_sid)
    except (TwilioException, requests.exceptions.RequestException) as error:
        log.warning("Twilio can't be asked", message_id=one.message_id, error=type(error).__name__)
        return None
