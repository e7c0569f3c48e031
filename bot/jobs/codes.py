"""Forgets one-time codes that are long past."""

from bot.jobs.failing import fails_in_one_line
from bot.jobs.worker_services import worker_services
from domain.codes import forget_old


@fails_in_one_line
def forget_old_codes() -> None:
    """Delete what is a month old: to whom codes went, and who tried wrong ones."""
    with worker_services().door.for_every_business() as session:
        forget_old(session)
