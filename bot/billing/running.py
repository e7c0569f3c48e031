"""Works billing runs: any number of processes at one run, each batch a transaction of its own."""

from collections.abc import Callable
from time import monotonic, sleep
from typing import Final
from uuid import UUID

from bot.billing.batches import BATCH, bill_batch
from bot.billing.dry import reckon_all
from bot.billing.telling import tell_accountant
from bot.jobs.queues import NOTICE_QUEUE, queue_of
from bot.jobs.stopping import stopping
from bot.services import Services
from domain.billing.facts import Frame, frame_of
from domain.billing.items import any_waits
from domain.billing.reports import progress_of, report_of
from domain.billing.runs import Run, begin_dry_run, begin_run, end_run, lock_run, look_at_run, note_progress
from domain.door import Visit
from domain.senders import EMAIL

# Others hold what is left: they finish it, or they die and let go of it.
_WAIT: Final = 0.5
# How far it is, is counted through all of it.
_TELLS: Final = 1.0

Tell = Callable[[dict[str, int]], None]


class NoSuchRun(LookupError):
    """There is no such run."""


def work_run(
    services: Services,
    run_id: UUID,
    tell: Tell = lambda _: None,
    stopped: Callable[[], bool] = stopping,
    batch: int = BATCH,
) -> Run:
    """Work a run until it has ended, or until `stopped`, and return it as it stands then. Raises NoSuchRun.

    `tell` hears every second or so, and at the end, how far it is; `batch` is how many meters are billed at once.
    Whoever does the last of it ends it.
    """
    run = _look(services, run_id)
    if not run.is_open:
        return run
    with services.door.for_business(run.business_id) as session:
        frame = frame_of(Visit.within(session), run.business_id, run.period)
    if run.dry_run:
        _work_dry(services, run, frame, tell, stopped)
    else:
        _work(services, run, frame, tell, stopped, batch)
    return _look(services, run_id)


def _look(services: Services, run_id: UUID) -> Run:
    with services.door.for_every_business() as session:
        run = look_at_run(Visit.within(session), run_id)
    if run is None:
        raise NoSuchRun(str(run_id))
    return run


def _work(services: Services, run: Run, frame: Frame, tell: Tell, stopped: Callable[[], bool], batch: int) -> None:
    while not stopped() and not _begin(services, run):
        sleep(_WAIT)
    told = 0.0
    while not stopped():
        done = bill_batch(services, frame, batch)
        if not done or monotonic() > told + _TELLS:
            tell(_progress(services, run))
            told = monotonic()
        if done:
            services.bell.ring(NOTICE_QUEUE)
        elif _end(services, run, frame):
            return
        else:
            sleep(_WAIT)


def _begin(services: Services, run: Run) -> bool:
    with services.door.for_business(run.business_id) as session:
        # As many as there are meters are gathered at once: longer than a turn may take.
        session.connection().exec_driver_sql("SET LOCAL statement_timeout = 0")
        return begin_run(Visit.within(session), run.run_id)


def _progress(services: Services, run: Run) -> dict[str, int]:
    with services.door.for_business(run.business_id) as session:
        return progress_of(Visit.within(session), run.business_id, run.period, run.run_id)


def _end(services: Services, run: Run, frame: Frame) -> bool:
    """End a run of which nothing waits any more. Returns whether it has ended, be it by somebody else."""
    with services.door.for_business(run.business_id) as session:
        visit = Visit.within(session)
        if not lock_run(visit, run.run_id):
            return False
        if any_waits(visit, frame):
            found = look_at_run(visit, run.run_id)
            return found is not None and not found.is_open
        report = report_of(visit, frame, run.run_id)
        if end_run(visit, run.run_id, report.as_json()):
            tell_accountant(services, visit, run, report)
    services.bell.ring(queue_of("staff", EMAIL))
    return True


def _work_dry(services: Services, run: Run, frame: Frame, tell: Tell, stopped: Callable[[], bool]) -> None:
    """Reckon what a run would do. Two who do it at once do it twice: it changes nothing."""

    def say(progress: dict[str, int]) -> None:
        with services.door.for_business(run.business_id) as session:
            note_progress(Visit.within(session), run.run_id, progress)
        tell(progress)

    with services.door.for_business(run.business_id) as session:
        begin_dry_run(Visit.within(session), run.run_id)
    report = reckon_all(services.door, frame, say, stopped)
    if report is None:
        return
    with services.door.for_business(run.business_id) as session:
        end_run(Visit.within(session), run.run_id, report.as_json())
