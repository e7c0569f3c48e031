"""Seals the audit log, and forgets what the staff API keeps for a while only."""

from datetime import datetime

import structlog

from bot.jobs.failing import fails_in_one_line
from bot.jobs.worker_services import worker_services
from bot.keys import keys_of
from bot.services import Services
from domain.answers import forget_old_answers
from domain.attempts import forget_old_attempts
from domain.seals import seal_waiting
from domain.signing_in import forget_old_tokens

log = structlog.get_logger()


@fails_in_one_line
def seal_audit() -> None:
    """Seal every entry of the audit log that waits for it; each once, however many run this."""
    seal_all(worker_services())


def seal_all(services: Services) -> int:
    """Seal what waits, and return how many there were."""
    sealed = seal_waiting(services.door, keys_of(services.settings).audit)
    if sealed:
        log.info("audit log sealed", entries=sealed)
    return sealed


def forget_answers(services: Services, _: datetime) -> None:
    """Forget the answers, the attempts to sign in and the tokens whose time is over."""
    with services.door.for_every_business() as session:
        forget_old_answers(session)
        forget_old_attempts(session)
        forget_old_tokens(session)
