"""How each job goes: how often it ran, how long that took, when it last went well."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Double, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.base import Base


class Job(Base):
    """A job, and the sums over all its runs on all hosts. It belongs to no business.

    `since` is when it was first seen: slots before that are not made up for. `seconds` is the sum of all runs;
    `last_error` is why the last run failed, and empty when it went well.
    """

    __tablename__ = "job"

    name: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    runs: Mapped[int] = mapped_column(BigInteger, default=0)
    failures: Mapped[int] = mapped_column(BigInteger, default=0)
    seconds: Mapped[float] = mapped_column(Double, default=0.0)
    last_run_at: Mapped[datetime | None]
    last_success_at: Mapped[datetime | None]
    last_error: Mapped[str | None]


@dataclass(slots=True)
class Tally:
    """What is to be added to the sums of one job."""

    name: str
    runs: int
    failures: int
    seconds: float
    last_run_at: datetime
    last_success_at: datetime | None = None
    last_error: str | None = None


# A clock that was put back is followed: a job first seen tomorrow would else wait until then.
_KNOW = text(
    """
    INSERT INTO job (name, since, runs, failures, seconds) VALUES (:name, :now, 0, 0, 0)
    ON CONFLICT (name) DO UPDATE SET since = excluded.since WHERE excluded.since < job.since
    """
)
_ADD = text(
    """
    INSERT INTO job (name, since, runs, failures, seconds, last_run_at, last_success_at, last_error)
    VALUES (:name, :last_run_at, :runs, :failures, :seconds, :last_run_at, :last_success_at, :last_error)
    ON CONFLICT (name) DO UPDATE
    SET runs = job.runs + excluded.runs, failures = job.failures + excluded.failures,
        seconds = job.seconds + excluded.seconds, last_run_at = excluded.last_run_at,
        last_success_at = COALESCE(excluded.last_success_at, job.last_success_at), last_error = excluded.last_error
    """
)


def sums(session: Session) -> dict[str, Job]:
    """Return every job with its sums, by name."""
    return {job.name: job for job in session.scalars(select(Job))}


def know(session: Session, name: str, at: datetime) -> None:
    """Write down that there is a job of this name, from `at` on."""
    session.execute(_KNOW, {"name": name, "now": at})


def add_up(session: Session, tallies: Sequence[Tally]) -> None:
    """Add what ran to the sums, in the order of the names: two that add at once then never block each other."""
    rows = [asdict(tally) for tally in sorted(tallies, key=lambda tally: tally.name)]
    if rows:
        session.execute(_ADD, rows)
