"""Takes away what nobody will ask for again, in small batches: each is a transaction of its own."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from domain.clock import now

# What a callback did stands in its message for good; the callback itself is evidence for a dispute with the carrier.
EVENTS_ARE_KEPT: Final = timedelta(days=30)
# Long enough to see in `raseed jobs` and by SQL what went wrong last quarter.
RUNS_ARE_KEPT: Final = timedelta(days=90)
# Subsidies are reckoned from the reports of a month that is over; a quarter later nobody asks for them.
REPORTS_ARE_KEPT: Final = timedelta(days=120)


@dataclass(frozen=True, slots=True)
class Batch:
    """What one batch did: how many rows went, and after which row the next one begins; None: there is no next."""

    gone: int
    after: int | None


# Rows came in the order of `seq`, so the walk ends with the first batch that holds nothing old: it never looks
# through what is young, and needs no index of its own. What is unfolded is stepped over. A row that somebody folds
# at this instant is left for the next night.
_EVENTS: Final = text(
    """
    WITH looked AS MATERIALIZED (
        SELECT seq, received_at, folded_at FROM delivery_event WHERE seq > :after ORDER BY seq LIMIT :limit
    ), old AS (
        SELECT delivery_event.seq FROM delivery_event JOIN looked USING (seq)
        WHERE looked.received_at < :before AND delivery_event.folded_at < :before
        FOR UPDATE OF delivery_event SKIP LOCKED
    ), gone AS (
        DELETE FROM delivery_event USING old WHERE delivery_event.seq = old.seq RETURNING delivery_event.seq
    )
    SELECT (SELECT count(*) FROM gone), max(seq), count(*) = :limit AND min(received_at) < :before FROM looked
    """
)
# The last slot of each job stays, however old: it says that the slot was run.
_RUNS: Final = text(
    """
    DELETE FROM job_run WHERE id IN (
        SELECT id FROM job_run
        WHERE outcome IS NOT NULL AND finished_at < :before
          AND EXISTS (SELECT FROM job_run AS later WHERE later.job = job_run.job AND later.slot > job_run.slot)
        ORDER BY slot LIMIT :limit
        FOR UPDATE SKIP LOCKED)
    RETURNING id
    """
)

# The last report of a meter stays: it says how the meter is.
_REPORTS: Final = text(
    """
    DELETE FROM meter_report WHERE id IN (
        SELECT id FROM meter_report
        WHERE at < :before AND EXISTS (SELECT FROM meter_report AS later
                                       WHERE later.meter_id = meter_report.meter_id AND later.at > meter_report.at)
        LIMIT :limit FOR UPDATE SKIP LOCKED)
    RETURNING id
    """
)


def trim_events(session: Session, after: int, limit: int) -> Batch:
    """Delete delivery events that were folded long ago, among the next `limit` ones after the one numbered `after`."""
    values = {"after": after, "limit": limit, "before": now() - EVENTS_ARE_KEPT}
    gone, last, more = session.execute(_EVENTS, values).one()
    return Batch(gone, last if more else None)


def trim_runs(session: Session, after: int, limit: int) -> Batch:
    """Delete up to `limit` runs that finished long ago; `after` is how many went before."""
    gone = len(session.execute(_RUNS, {"limit": limit, "before": now() - RUNS_ARE_KEPT}).all())
    return Batch(gone, after + gone if gone == limit else None)


def trim_reports(session: Session, after: int, limit: int) -> Batch:
    """Delete up to `limit` reports of meters that are old; `after` is how many went before."""
    gone = len(session.execute(_REPORTS, {"limit": limit, "before": now() - REPORTS_ARE_KEPT}).all())
    return Batch(gone, after + gone if gone == limit else None)
