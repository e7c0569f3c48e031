"""What a month's pauses were: how many, how long, why, and what the days that they moved are worth."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from domain.clock import now
from domain.door import Visit
from domain.subscriptions.wall import moment_of

_MOST_OFTEN: Final = 10


@dataclass(frozen=True, slots=True)
class Reason:
    """The pauses that had one reason; None where none was given. `days` are whole ones."""

    reason: str | None
    pauses: int
    days: int


@dataclass(frozen=True, slots=True)
class Pauser:
    """A customer who paused, and how often."""

    customer_id: UUID
    account_no: str
    pauses: int
    days: int


@dataclass(frozen=True, slots=True)
class PauseReport:
    """The pauses that began in a month, those that still go on as long as they are by now.

    `value_minor` is what the days cost that they moved: no money changed hands for them.
    """

    pauses: int
    days: int
    average_days: float
    value_minor: int
    by_reason: Sequence[Reason]
    most_often: Sequence[Pauser]


# Days are whole 24 hours on the wall, each pause rounded down as in its history.
_PAUSES: Final = """
    WITH every AS (
        SELECT subscription_id, began, ended, pause.reason FROM pause WHERE business_id = %(business_id)s
        UNION ALL
        SELECT id, paused_wall, %(wall)s, reason FROM subscription
        WHERE business_id = %(business_id)s AND status = 'paused'
    ), one AS MATERIALIZED (
        SELECT customer_id, account_no, every.reason, round(price_minor::numeric / days_planned, 4) AS each,
               GREATEST(floor(extract(epoch FROM ended - began) / 86400), 0)::int AS days
        FROM every JOIN subscription ON subscription.id = subscription_id JOIN customer ON customer.id = customer_id
        WHERE began >= %(first)s AND began < %(first)s + interval '1 month'
    )
    SELECT (SELECT jsonb_build_array(count(*), COALESCE(sum(days), 0), COALESCE(round(avg(days), 1), 0),
                                     COALESCE(round(sum(days * each)), 0)) FROM one),
           (SELECT COALESCE(jsonb_agg(line ORDER BY (line -> 1)::int DESC, line -> 0), '[]')
            FROM (SELECT jsonb_build_array(reason, count(*), sum(days)) AS line FROM one GROUP BY reason) AS lines),
           (SELECT COALESCE(jsonb_agg(line ORDER BY (line -> 2)::int DESC, line -> 1), '[]')
            FROM (SELECT jsonb_build_array(customer_id, account_no, count(*), sum(days)) AS line FROM one
                  GROUP BY customer_id, account_no ORDER BY count(*) DESC, account_no LIMIT %(most)s) AS lines)
"""


def pauses_of(visit: Visit, business_id: UUID, zone: str, first: date) -> PauseReport:
    """Return the report of the month that begins on `first`, a date in the business's time zone."""
    values: dict[str, Any] = {"business_id": business_id, "first": first, "most": _MOST_OFTEN}
    ((whole, reasons, pausers),) = visit.ask(_PAUSES, {**values, "wall": moment_of(now(), zone).wall})
    pauses, days, average, value = whole
    return PauseReport(
        pauses,
        days,
        float(average),
        int(value),
        [Reason(*line) for line in reasons],
        [Pauser(UUID(customer), *line) for customer, *line in pausers],
    )
