"""Billing by itself: at night on the business's day a run is asked for, and whoever looks works on what is open."""

from datetime import datetime

import structlog

from bot.billing.running import work_run
from bot.jobs.failing import fails_in_one_line
from bot.jobs.stopping import stopping
from bot.jobs.worker_services import WorkerServices, worker_services
from bot.logs import bound
from domain.billing.nights import due_period
from domain.billing.runs import ask_run, nightly, open_runs
from domain.clock import now
from domain.door import Visit

log = structlog.get_logger()


def ask_for_bills(services: WorkerServices, _: datetime) -> None:
    """Ask for the run of each business whose day has come, be it long ago."""
    with services.door.for_every_business() as session:
        due = [(one, due_period(one, now())) for one in nightly(Visit.within(session))]
    for one, period in due:
        if period is not None:
            with services.door.for_business(one.business_id) as session:
                ask_run(Visit.within(session), one.business_id, period, dry_run=False, asked_by=None, by_itself=True)
            log.info("billing run asked for", business_id=one.business_id, period=f"{period:%Y-%m}")


@fails_in_one_line
def work_billing_runs() -> None:
    """Work on every run that is open, whoever asked for it."""
    work_all(worker_services())


def work_all(services: WorkerServices) -> int:
    """Work on every run that is open, the oldest first. Returns how many there were."""
    with services.door.for_every_business() as session:
        waiting = open_runs(Visit.within(session))
    for run_id in waiting:
        if stopping():
            break
        with bound(run_id=run_id):
            run = work_run(services, run_id)
            log.info("billing run was worked on", period=f"{run.period:%Y-%m}", state=run.state)
    return len(waiting)
