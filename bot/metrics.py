"""What the platform may watch, whole whatever the number of processes."""

import os
from collections.abc import Iterator

import structlog
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from bot.gauges import gauges
from domain.door import Door

log = structlog.get_logger()

turns = Counter("raseed_turns_total", "Turns taken", ["channel"])
turn_seconds = Histogram("raseed_turn_seconds", "Time from an inbound webhook to its commit")
turns_failed = Counter("raseed_turns_failed_total", "Turns that a flow stumbled over, answered with an apology")
repeats = Counter("raseed_inbound_repeats_total", "Inbound messages that had been taken in before")
unknown_numbers = Counter("raseed_unknown_numbers_total", "Inbound messages for a number that is not ours")
signature_refused = Counter("raseed_signatures_refused_total", "Webhooks whose signature did not hold")
notices_refused = Counter(
    "raseed_notices_refused_total", "Notices of a gateway that were not its own, or of another mode"
)
events_stored = Counter("raseed_delivery_events_total", "Status callbacks stored")


class _FromTheDatabase(Collector):
    """What the rows say, asked when somebody looks."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges; only that the database is away, when it is."""
        up = GaugeMetricFamily("raseed_database_up", "Whether the database answers")
        try:
            with self._door.for_every_business() as session:
                found = list(gauges(session))
        except SQLAlchemyError as error:
            log.warning("metrics without the database", error=type(error).__name__)
            found = []
        up.add_metric([], 1.0 if found else 0.0)
        yield up
        yield from found


def exposition(door: Door) -> bytes:
    """Return all metrics in Prometheus' text format."""
    rows = CollectorRegistry()
    rows.register(_FromTheDatabase(door))
    return _counted() + generate_latest(rows)


def _counted() -> bytes:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
