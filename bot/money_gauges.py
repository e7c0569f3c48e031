"""What the rows say of money that is on its way: payments and purchases that have not come to their end."""

from collections.abc import Iterator
from typing import Final

from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy import text
from sqlalchemy.orm import Session

from domain.clock import now

# What is looked after has a time at which it is, so an index finds these few among all that there ever were.
_PAYMENTS: Final = text(
    """
    SELECT status, count(*), extract(epoch FROM :now - min(status_at))::float FROM payment
    WHERE ask_at IS NOT NULL AND status IN ('created', 'in_doubt', 'pending', 'paid') GROUP BY 1
    """
)
_PURCHASES: Final = text(
    """
    SELECT state, count(*), extract(epoch FROM :now - min(state_at))::float FROM purchase
    WHERE due_at IS NOT NULL AND state IN ('paid', 'vending', 'in_doubt') GROUP BY 1
    """
)
_STATEMENTS: Final = {"payments": _PAYMENTS, "purchases": _PURCHASES}


def money_gauges(session: Session) -> Iterator[Metric]:
    """Yield how many payments and purchases are on their way, and for how long the oldest has not moved."""
    for what, statement in _STATEMENTS.items():
        number = GaugeMetricFamily(f"raseed_{what}_open", f"How many {what} are on their way", labels=["status"])
        oldest = GaugeMetricFamily(
            f"raseed_{what}_open_oldest_seconds", f"For how long the oldest of these {what} has not moved",
            labels=["status"],
        )  # fmt: skip
        for status, count, seconds in session.execute(statement, {"now": now()}):
            number.add_metric([status], count)
            oldest.add_metric([status], max(seconds, 0))
        yield number
        yield oldest
