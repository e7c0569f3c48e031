"""The runs of jobs: one row for each job and slot, so that a slot is run once, however many schedulers there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Double, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.base import Base, one_of
from domain.clock import now
from domain.ids import new_id
from domain.jobs import Tally, add_up, know

DONE, FAILED, SKIPPED = OUTCOMES = ("done", "failed", "skipped")

# Whoever runs a job renews its claim well within this many seconds; a claim that ran out is a process that died.
CLAIM_SECONDS: Final = 20.0
TRIES: Final = 5
# How long after the first failure the job is tried again, in seconds; after each further one, twice as long.
AGAIN_AFTER: Final = 30.0
DIED: Final = "its process died, or it took longer than it may"


class JobRun(Base):
    """One slot of one job, and what became of it. It belongs to no business.

    `outcome` is empty until it is known; `skipped`: a newer slot came before anybody began this one. `seconds` is how
    long the last attempt took. `free_at` is when anybody may take it, by the database's own clock: like all claims it
    is about processes, not about days. `attempts` also says whose claim it is: only the newest may write.
    """

    __tablename__ = "job_run"
    __table_args__ = (
        UniqueConstraint("job", "slot"),
        CheckConstraint(one_of("outcome", OUTCOMES), "outcome"),
        CheckConstraint("(outcome IS NULL) = (finished_at IS NULL)", "finished_at"),
        Index("ix_job_run_open", "job", "slot", postgresql_where=text("outcome IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(default=now)
    job: Mapped[str]
    slot: Mapped[datetime]
    free_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    error: Mapped[str | None]
    seconds: Mapped[float | None] = mapped_column(Double)


@dataclass(frozen=True, slots=True)
class Claim:
    """A run that is ours until the claim runs out."""

    run_id: UUID
    job: str
    slot: datetime
    attempt: int


@dataclass(frozen=True, slots=True)
class LastRun:
    """The newest slot of a job and how it stands: an outcome, or `waiting`, `running` or, after a failure, `retrying`.

    `seconds` is how long the last attempt took.
    """

    job: str
    slot: datetime
    standing: str
    attempts: int
    seconds: float | None
    error: str | None


_LAST_SLOT: Final = text("SELECT max(slot) FROM job_run WHERE job = :job AND slot <= :now")
_SINCE: Final = text("SELECT since FROM job WHERE name = :job")
_PLAN: Final = text(
    """
    INSERT INTO job_run (id, created_at, job, slot, free_at, attempts)
    SELECT :id, :now, name, :slot, clock_timestamp(), 0 FROM job WHERE name = :job AND since <= :slot
    ON CONFLICT (job, slot) DO NOTHING
    RETURNING id
    """
)
_SKIP_OLDER: Final = text(
    """
    UPDATE job_run SET outcome = 'skipped', finished_at = :now
    WHERE job = :job AND slot < :slot AND outcome IS NULL AND attempts = 0
    """
)
_GIVE_UP: Final = text(
    """
    UPDATE job_run SET outcome = 'failed', finished_at = :now, error = COALESCE(error, :died)
    WHERE outcome IS NULL AND attempts >= :tries AND free_at <= clock_timestamp()
    RETURNING job, error
    """
)
# The slots of one job are run one after the other: an earlier one that is open, whoever has it, holds the later back.
_CLAIM: Final = text(
    """
    WITH due AS (
        SELECT id FROM job_run
        WHERE outcome IS NULL AND job = ANY(:jobs) AND attempts < :tries
          AND free_at <= clock_timestamp() - make_interval(secs => :waited)
          AND NOT EXISTS (SELECT FROM job_run AS earlier
                          WHERE earlier.job = job_run.job AND earlier.slot < job_run.slot AND earlier.outcome IS NULL)
        ORDER BY slot LIMIT 1
        FOR UPDATE SKIP LOCKED
    )
    UPDATE job_run
    SET attempts = attempts + 1, started_at = :now, error = NULL,
        free_at = clock_timestamp() + make_interval(secs => :seconds)
    FROM due WHERE job_run.id = due.id
    RETURNING job_run.id, job, slot, attempts
    """
)
_RENEW: Final = text(
    """
    UPDATE job_run SET free_at = clock_timestamp() + make_interval(secs => :seconds)
    WHERE id = :id AND attempts = :attempt AND outcome IS NULL
    """
)
_FINISH: Final = text(
    """
    UPDATE job_run SET outcome = :outcome, finished_at = :now, error = :error, seconds = :seconds
    WHERE id = :id AND attempts = :attempt AND outcome IS NULL
    """
)
_TRY_AGAIN: Final = text(
    """
    UPDATE job_run SET free_at = clock_timestamp() + make_interval(secs => :wait), error = :error, seconds = :seconds
    WHERE id = :id AND attempts = :attempt AND outcome IS NULL
    """
)
_LAST_RUNS: Final = text(
    """
    SELECT DISTINCT ON (job) job, slot,
           CASE WHEN outcome IS NOT NULL THEN outcome WHEN attempts = 0 THEN 'waiting'
                WHEN free_at > clock_timestamp() AND error IS NULL THEN 'running' ELSE 'retrying' END,
           attempts, seconds, error
    FROM job_run ORDER BY job, slot DESC
    """
)
_AGAIN: Final = text(
    """
    UPDATE job_run
    SET outcome = NULL, finished_at = NULL, error = NULL, attempts = 0, free_at = clock_timestamp()
    WHERE job = :job AND outcome IS NOT NULL AND slot = (SELECT max(slot) FROM job_run WHERE job = :job)
    RETURNING slot
    """
)


def begin_counting(session: Session, job: str) -> None:
    """Let slots of `job` count from now on, if it was never seen before."""
    know(session, job, now())


def last_slot(session: Session, job: str) -> datetime | None:
    """Return the last slot of `job` that was planned; when it was first seen, if none was."""
    at: datetime | None = session.scalar(_LAST_SLOT, {"job": job, "now": now()})
    since: datetime | None = session.scalar(_SINCE, {"job": job})
    return at or since


def plan_slot(session: Session, job: str, slot: datetime) -> bool:
    """Plan one slot. False: it is planned, or older than what is known of the job."""
    planned = session.scalar(_PLAN, {"id": new_id(), "now": now(), "job": job, "slot": slot})
    return planned is not None


def skip_older(session: Session, job: str, slot: datetime) -> None:
    """Let go of the slots before `slot` that nobody has begun."""
    session.execute(_SKIP_OLDER, {"job": job, "slot": slot, "now": now()})


def give_up_exhausted(session: Session) -> list[str]:
    """Fail the runs whose every attempt ended with its process. Returns their jobs."""
    rows = session.execute(_GIVE_UP, {"tries": TRIES, "now": now(), "died": DIED}).all()
    for job, error in rows:
        add_up(session, [Tally(job, 1, 1, 0.0, now(), last_error=error)])
    return [job for job, _ in rows]


def claim_run(session: Session, jobs: Sequence[str], waited: float = 0.0) -> Claim | None:
    """Claim the oldest run of `jobs` that nobody has and that has been free for `waited` seconds, if there is one."""
    values = {"jobs": list(jobs), "tries": TRIES, "waited": waited, "seconds": CLAIM_SECONDS, "now": now()}
    row = session.execute(_CLAIM, values).one_or_none()
    return Claim(*row) if row else None


def renew(session: Session, claim: Claim) -> bool:
    """Say that the run is still at work. False: the claim ran out, and somebody else has it."""
    return _hit(session, _RENEW, claim, seconds=CLAIM_SECONDS)


def finish(session: Session, claim: Claim, seconds: float) -> bool:
    """Write down that the run went well, in so many seconds. False: the claim had run out."""
    at = now()
    if not _hit(session, _FINISH, claim, outcome=DONE, error=None, seconds=seconds, now=at):
        return False
    add_up(session, [Tally(claim.job, 1, 0, seconds, at, last_success_at=at)])
    return True


def fail(session: Session, claim: Claim, seconds: float, error: str) -> bool:
    """Write down why the attempt failed; it is tried again later, TRIES times in all. False: the claim had run out."""
    at = now()
    if claim.attempt < TRIES:
        wait = AGAIN_AFTER * 2.0 ** (claim.attempt - 1)
        hit = _hit(session, _TRY_AGAIN, claim, wait=wait, error=error, seconds=seconds)
    else:
        hit = _hit(session, _FINISH, claim, outcome=FAILED, error=error, seconds=seconds, now=at)
    if hit:
        add_up(session, [Tally(claim.job, 1, 1, seconds, at, last_error=error)])
    return hit


def last_runs(session: Session) -> dict[str, LastRun]:
    """Return the newest slot of each job, and how it stands."""
    return {row.job: LastRun(*row) for row in session.execute(_LAST_RUNS)}


def run_again(session: Session, job: str) -> datetime | None:
    """Let the newest slot of `job` be run again, whatever became of it. None: there is none that has ended."""
    slot: datetime | None = session.scalar(_AGAIN, {"job": job})
    return slot


def _hit(session: Session, statement: Any, claim: Claim, **values: Any) -> bool:
    result = session.execute(statement, {"id": claim.run_id, "attempt": claim.attempt, **values})
    return bool(result.rowcount)  # type: ignore[attr-defined]
