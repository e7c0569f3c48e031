"""What the platform may watch, whole whatever the number of processes."""

import os
from collections.abc import Iterator

import structlog
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from domain.clock import now
from domain.door import Door

log = structlog.get_logger()

turns = Counter("raseed_turns_total", "Turns taken", ["channel"])
turn_seconds = Histogram("raseed_turn_seconds", "Time from an inbound webhook to its commit")
turns_failed = Counter("raseed_turns_failed_total", "Turns that a flow stumbled over, answered with an apology")
repeats = Counter("raseed_inbound_repeats_total", "Inbound messages that had been taken in before")
missed = Counter("raseed_inbound_missed_total", "Inbound messages found in Twilio's list that never reached us")
unknown_numbers = Counter("raseed_unknown_numbers_total", "Inbound messages for a number that is not ours")
signature_refused = Counter("raseed_signatures_refused_total", "Webhooks whose signature did not hold")
refusals = Counter("raseed_send_refusals_total", "Messages that Twilio refused to take, by its error code", ["code"])
doubts = Counter("raseed_doubts_settled_total", "Sends in doubt that were settled, and how", ["outcome"])
events_stored = Counter("raseed_delivery_events_total", "Status callbacks stored")

_WAITING = text(
    """
    SELECT status, count(*), COALESCE(extract(epoch FROM now() - min(COALESCE(due_at, created_at))), 0)::float
    FROM message WHERE status IN ('queued', 'sending', 'in_doubt') GROUP BY status
    """
)
_PERSONS_WANTED = text("SELECT count(*) FROM conversation WHERE person_wanted_at IS NOT NULL")
_JOBS = text("SELECT name, runs, failures, seconds, COALESCE(last_success_at, since) FROM job ORDER BY name")
_UNFOLDED = text("SELECT count(*) FROM delivery_event WHERE folded_at IS NULL")


class _FromTheDatabase(Collector):
    """What the rows say, asked when somebody looks."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges; only that the database is away, when it is."""
        up = GaugeMetricFamily("raseed_database_up", "Whether the database answers")
        try:
            gauges = self._gauges()
        except SQLAlchemyError as error:
            log.warning("metrics without the database", error=type(error).__name__)
            gauges = []
        up.add_metric([], 1.0 if gauges else 0.0)
        yield up
        yield from gauges

    def _gauges(self) -> list[Metric]:
        depth = GaugeMetricFamily("raseed_outbox_messages", "Messages not yet accepted", labels=["status"])
        age = GaugeMetricFamily("raseed_outbox_oldest_seconds", "Age of the oldest of them", labels=["status"])
        with self._door.for_every_business() as session:
            for status, number, seconds in session.execute(_WAITING):
                depth.add_metric([status], number)
                age.add_metric([status], seconds)
            wanted = GaugeMetricFamily(
                "raseed_persons_wanted",
                "Conversations that wait for a person",
                session.scalar(_PERSONS_WANTED),
            )
            unfolded = GaugeMetricFamily(
                "raseed_delivery_events_unfolded", "Callbacks not yet applied", session.scalar(_UNFOLDED)
            )
            jobs = _jobs(session)
        return [depth, age, wanted, unfolded, *jobs]


def _jobs(session: Session) -> list[Metric]:
    """Return how the jobs go. They run on any host, so what is told is what all of them wrote down together."""
    seconds = SummaryMetricFamily("raseed_job_seconds", "How often a job ran, and how long that took", labels=["job"])
    failures = CounterMetricFamily("raseed_job_failures", "Runs of a job that failed", labels=["job"])
    success = GaugeMetricFamily("raseed_job_since_success_seconds", "Time since a job last went well", labels=["job"])
    at = now()
    for name, runs, failed, took, last in session.execute(_JOBS):
        seconds.add_metric([name], runs, took)
        failures.add_metric([name], failed)
        success.add_metric([name], (at - last).total_seconds())
    return [seconds, failures, success]


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
