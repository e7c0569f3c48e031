"""`raseed jobs`: what ran when, how it went, and what is due next."""

import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

import click
from sqlalchemy.orm import Session

from bot.errors import one_line
from bot.jobs.plan import PLAN, Planned
from bot.jobs.queues import PLANNED
from bot.jobs.schedule import Scheduled, schedule
from bot.services import make_services
from bot.settings import read_settings
from domain.clock import now
from domain.door import DATABASE_ERRORS
from domain.job_runs import DONE, FAILED, TRIES, LastRun, last_runs, run_again
from domain.jobs import Job, sums
from domain.leader import who_leads

_COLOURS = {DONE: "green", "ok": "green", FAILED: "red", "retrying": "yellow"}
_JOB_HEADS = ("JOB", "WHEN", "LAST SLOT", "OUTCOME", "NEXT SLOT")
_POLL_HEADS = ("POLL", "WHEN", "LAST RUN", "OUTCOME", "RUNS", "FAILED", "TAKES")
_GAP = "  "


@dataclass(frozen=True, slots=True)
class _Jobs:
    """All that there is to tell."""

    leader: str | None
    runs: dict[str, LastRun]
    sums: dict[str, Job]


@click.group(invoke_without_command=True)
@click.pass_context
def jobs(context: click.Context) -> None:
    """Show what ran when, how it went, what is due next, and which scheduler leads. Times are UTC.

    A job runs once for each slot. A poll looks every few seconds whether there is something to do.

    \b
    Examples:
      raseed jobs
      raseed jobs again trim
    """
    if context.invoked_subcommand is None:
        _show()


@jobs.command()
@click.argument("job", type=click.Choice([job.name for job in PLAN]))
def again(job: str) -> None:
    """Run the last slot of JOB again, now. Jobs are safe to run twice.

    Example: raseed jobs again trim
    """
    with closing(make_services(read_settings())) as services:
        try:
            with services.door.for_every_business() as session:
                slot = run_again(session, job)
        except DATABASE_ERRORS as error:
            raise click.ClickException(f"the database could not be asked: {one_line(error)}") from error
        if slot is None:
            raise click.ClickException(f"{job}: no slot of it has ended, so there is none to run again")
        services.bell.ring(PLANNED)
    click.echo(f"{job}: the slot of {_when(slot)} UTC is run again.")


def _show() -> None:
    with closing(make_services(read_settings())) as services:
        try:
            with services.door.for_every_business() as session:
                found = _ask(session)
        except DATABASE_ERRORS as error:
            raise click.ClickException(f"the database could not be asked: {one_line(error)}") from error
    at = now()
    click.echo(f"{at:%d %b %Y %H:%M} UTC, {_led_by(found.leader)}\n")
    _table(_JOB_HEADS, [_job_cells(job, found.runs.get(job.name), at) for job in PLAN])
    click.echo()
    _table(_POLL_HEADS, [_poll_cells(poll, found.sums.get(poll.name)) for poll in schedule()])
    for line in _errors(found):
        click.echo(line)


def _ask(session: Session) -> _Jobs:
    return _Jobs(who_leads(session), last_runs(session), sums(session))


def _led_by(leader: str | None) -> str:
    if leader is None:
        return "nobody leads: no scheduler is running"
    host, _, process = leader.rpartition(" ")
    return f"led by {host}, process {process}"


def _job_cells(job: Planned, last: LastRun | None, at: datetime) -> list[str]:
    following = _when(job.slots.following(at))
    if last is None:
        return [job.name, str(job.slots), "never", "", following]
    return [job.name, str(job.slots), _when(last.slot), _outcome(last), following]


def _outcome(last: LastRun) -> str:
    if last.standing == DONE and last.seconds is not None:
        return f"{DONE}, {_took(last.seconds)}"
    return last.standing if not last.attempts else f"{last.standing} {last.attempts}/{TRIES}"


def _poll_cells(poll: Scheduled, job: Job | None) -> list[str]:
    when = f"every {poll.every:g} s"
    if job is None or job.last_run_at is None:
        return [poll.name, when, "never", "", "", "", ""]
    outcome = FAILED if job.last_error else "ok"
    runs, takes = max(job.runs, 1), _took(job.seconds / max(job.runs, 1))
    return [poll.name, when, _when(job.last_run_at), outcome, f"{runs}", f"{job.failures}", takes]


def _errors(found: _Jobs) -> Iterator[str]:
    """Yield why what failed last failed, one line each."""
    planned = {job.name: found.runs[job.name].error for job in PLAN if job.name in found.runs}
    polled = {poll.name: found.sums[poll.name].last_error for poll in schedule() if poll.name in found.sums}
    failed = {name: error for name, error in {**planned, **polled}.items() if error}
    if failed:
        yield ""
    for name, error in failed.items():
        yield f"{name}: {error}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[column]) for row in [heads, *rows]) for column in range(len(heads))]
    for row in [heads, *rows]:
        cells = [_coloured(cell, cell.ljust(width)) for cell, width in zip(row, widths, strict=True)]
        click.echo(_GAP.join(cells).rstrip())


def _coloured(cell: str, shown: str) -> str:
    colour = _COLOURS.get(re.split(r"\W", cell)[0])
    return click.style(shown, fg=colour) if colour else shown


def _when(at: datetime) -> str:
    return f"{at:%d %b %H:%M}"


def _took(seconds: float) -> str:
    """Return a duration, to be read at a glance."""
    if seconds < 10:
        return f"{seconds:.3f} s"
    if seconds < 600:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min"
