"""Forgets one-time codes that are long past."""

from datetime import datetime

from bot.jobs.worker_services import WorkerServices
from domain.codes import forget_old


def forget_old_codes(services: WorkerServices, _: datetime) -> None:
    """Delete what is a month old: to whom codes went, and who tried wrong ones."""
    with services.door.for_every_business() as session:
        forget_old(session)
