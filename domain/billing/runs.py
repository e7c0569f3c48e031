"""Billing runs: asked for, begun, ended. Of a business and a period one is open at a time; who asks again joins it."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from domain.billing.items import TO_BILL
from domain.billing.months import next_month
from domain.billing.states import ASKED, FINISHED, ITEM_FROM, RUN_FROM, RUNNING, WITH_EXCEPTIONS
from domain.clock import now, today
from domain.door import Visit
from domain.ids import ROW_ID, new_id, row_stamp


class PeriodNotOver(ValueError):
    """A month is billed when it is over."""


@dataclass(frozen=True, slots=True)
class Run:
    """A billing run as it stands. `report` is there once it has ended."""

    run_id: UUID
    business_id: UUID
    period: date
    state: str
    dry_run: bool
    report: dict[str, Any] | None

    @property
    def is_open(self) -> bool:
        """Whether something of it is still to be done."""
        return self.report is None


_ZONE: Final = "SELECT timezone FROM business WHERE id = %(business_id)s"
_ASK: Final = """
    INSERT INTO billing_run (id, created_at, business_id, period, state, dry_run, by_itself, asked_by)
    VALUES (%(id)s, %(now)s, %(business_id)s, %(period)s, %(asked)s, %(dry_run)s, %(by_itself)s, %(asked_by)s)
    ON CONFLICT (business_id, period) WHERE state IN ('asked', 'running') AND NOT dry_run DO NOTHING
    RETURNING id
"""
_OPEN: Final = """
    SELECT id FROM billing_run
    WHERE business_id = %(business_id)s AND period = %(period)s AND state IN ('asked', 'running') AND NOT dry_run
"""
_LOOK: Final = """
    SELECT id, business_id, period, state, dry_run, report FROM billing_run WHERE id = %(id)s
"""
_LOCK: Final = "SELECT state FROM billing_run WHERE id = %(id)s FOR UPDATE SKIP LOCKED"
_BEGIN: Final = """
    UPDATE billing_run SET state = %(running)s, began_at = %(now)s WHERE id = %(id)s AND state = ANY(%(allowed)s)
    RETURNING business_id, period
"""
# What was held back or failed in a run before is tried anew.
_RETRY: Final = f"""
    UPDATE billing_item SET state = 'waiting', run_id = %(id)s, code = NULL, detail = NULL
    FROM meter
    WHERE meter.id = meter_id AND {TO_BILL} AND billing_item.business_id = %(business_id)s
      AND period = %(period)s AND state = ANY(%(allowed)s)
"""  # noqa: S608  a condition of our own
_GATHER: Final = f"""
    INSERT INTO billing_item (id, created_at, business_id, run_id, meter_id, customer_id, period, state)
    SELECT {ROW_ID}, %(now)s, %(business_id)s, %(id)s, meter_id, customer_id, %(period)s, 'waiting'
    FROM (SELECT meter.id AS meter_id, customer_id, row_number() OVER (ORDER BY meter_no) AS n FROM meter
          WHERE business_id = %(business_id)s AND kind = 'postpaid' AND {TO_BILL}
            AND NOT EXISTS (SELECT FROM billing_item AS item WHERE item.meter_id = meter.id AND
                            (item.period = %(period)s AND item.state <> 'cancelled'
                             OR item.period > %(period)s AND item.state = 'billed'))) AS missing
    ORDER BY n
    ON CONFLICT DO NOTHING
""".replace(":stamp", "%(stamp)s::text")  # noqa: S608  expressions of our own
_END: Final = """
    UPDATE billing_run SET state = %(state)s, ended_at = %(now)s, report = %(report)s
    WHERE id = %(id)s AND state = ANY(%(allowed)s) RETURNING id
"""
_PROGRESS: Final = "UPDATE billing_run SET progress = %(progress)s WHERE id = %(id)s AND report IS NULL"
# The businesses that have their months billed by themselves: the day, the last month that was billed, and whether
# a run is still open.
_NIGHTLY: Final = """
    SELECT business.id, billing_day, timezone, max(period), bool_or(run.id IS NOT NULL AND run.ended_at IS NULL)
    FROM business LEFT JOIN billing_run AS run ON run.business_id = business.id AND NOT dry_run
    WHERE billing_day IS NOT NULL GROUP BY business.id
"""
_ALL_OPEN: Final = "SELECT id FROM billing_run WHERE state IN ('asked', 'running') ORDER BY id LIMIT 20"


def ask_run(
    visit: Visit, business_id: UUID, period: date, *, dry_run: bool, asked_by: str | None, by_itself: bool = False
) -> UUID:
    """Ask for a run over the month that begins on `period`, and return it: the one that is open, if one is.

    Raises PeriodNotOver.
    """
    ((zone,),) = visit.ask(_ZONE, {"business_id": business_id})
    if next_month(period) > today(zone):
        raise PeriodNotOver(f"{period:%Y-%m} is not over yet")
    values: dict[str, Any] = {"id": new_id(), "now": now(), "business_id": business_id, "period": period}
    values |= {"asked": ASKED, "dry_run": dry_run, "by_itself": by_itself, "asked_by": asked_by}
    while True:
        rows = visit.ask(_ASK, values) or visit.ask(_OPEN, values)
        if rows:  # else the open one ended between the two questions
            return UUID(str(rows[0][0]))


def look_at_run(visit: Visit, run_id: UUID) -> Run | None:
    """Return a run as it stands; None when there is none."""
    rows = visit.ask(_LOOK, {"id": run_id})
    return Run(*rows[0]) if rows else None


def begin_run(visit: Visit, run_id: UUID) -> bool:
    """Let a run begin, unless it has: what is missing is gathered, what was held back is tried anew.

    Returns False while somebody else is at that.
    """
    if not visit.ask(_LOCK, {"id": run_id}):
        return False
    values = {"id": run_id, "now": now(), "running": RUNNING, "allowed": list(RUN_FROM["begin"])}
    rows = visit.ask(_BEGIN, values)
    if rows:
        whose = {"id": run_id, "now": now(), "business_id": rows[0][0], "period": rows[0][1]}
        visit.ask(_RETRY, {**whose, "allowed": list(ITEM_FROM["retry"])})
        visit.ask(_GATHER, {**whose, "stamp": row_stamp()})
    return True


def begin_dry_run(visit: Visit, run_id: UUID) -> None:
    """Let a dry run begin, or begin anew."""
    visit.ask(_BEGIN, {"id": run_id, "now": now(), "running": RUNNING, "allowed": [*RUN_FROM["begin"], RUNNING]})


def lock_run(visit: Visit, run_id: UUID) -> bool:
    """Let nobody else end a run before this transaction ends. Returns False while somebody else does."""
    return bool(visit.ask(_LOCK, {"id": run_id}))


def end_run(visit: Visit, run_id: UUID, report: dict[str, Any]) -> bool:
    """End a run with its report. Returns False where it was ended before."""
    how, state = ("except", WITH_EXCEPTIONS) if report["exceptions"] else ("finish", FINISHED)
    values = {"id": run_id, "now": now(), "state": state, "report": Jsonb(report), "allowed": list(RUN_FROM[how])}
    return bool(visit.ask(_END, values))


def note_progress(visit: Visit, run_id: UUID, progress: dict[str, Any]) -> None:
    """Write down how far a dry run has come."""
    visit.ask(_PROGRESS, {"id": run_id, "progress": Jsonb(progress)})


@dataclass(frozen=True, slots=True)
class Nightly:
    """A business that has its months billed by themselves from `day` on; `last` is the last month that was."""

    business_id: UUID
    day: int
    timezone: str
    last: date | None
    is_at_one: bool


def nightly(visit: Visit) -> list[Nightly]:
    """Return the businesses that have their months billed by themselves."""
    return [Nightly(*row) for row in visit.ask(_NIGHTLY, {})]


def open_runs(visit: Visit) -> list[UUID]:
    """Return the runs that something is to be done for."""
    return [run_id for (run_id,) in visit.ask(_ALL_OPEN, {})]
