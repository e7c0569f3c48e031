"""What the rows say to whoever watches: how much waits, how long things took, what is left to send from."""

from collections.abc import Iterable, Iterator
from typing import Final

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bot.jobs.counting import BOUNDS, INFINITE
from bot.jobs.queues import QUEUE_OF
from bot.money_gauges import money_gauges
from domain.balances import balances
from domain.clock import now
from domain.counts import Count, all_counts
from domain.health import UNHEALTHY, SenderHealth, queued_at
from domain.senders import Sender

_WAITING: Final = text(
    """
    SELECT priority, status, count(*),
           COALESCE(extract(epoch FROM :now - min(COALESCE(due_at, created_at))), 0)::float
    FROM message WHERE status IN ('queued', 'sending', 'in_doubt') AND COALESCE(due_at, created_at) <= :now
    GROUP BY 1, 2
    """
)
_PERSONS_WANTED: Final = text("SELECT count(*) FROM conversation WHERE person_wanted_at IS NOT NULL")
_UNFOLDED: Final = text("SELECT count(*) FROM delivery_event WHERE folded_at IS NULL")
_UNREAD: Final = text("SELECT severity, count(*) FROM notification WHERE read_at IS NULL GROUP BY 1")
_PAUSED: Final = text("SELECT count(*) FROM sender WHERE enabled AND paused_until > :now")
_SENDERS: Final = (
    select(Sender, SenderHealth, queued_at(Sender.id))
    .join(SenderHealth, SenderHealth.sender_id == Sender.id)
    .where(Sender.enabled)
    .order_by(Sender.id)
)
_JOBS: Final = text("SELECT name, runs, failures, seconds, COALESCE(last_success_at, since) FROM job ORDER BY name")

# What workers count: the name of the metric, what it says, and what its label tells (nothing, for none).
_COUNTERS: Final = {
    "refusals": ("raseed_send_refusals", "Messages that Twilio refused to take, by its error code", "code"),
    "failures": ("raseed_message_failures", "Messages that were not sent or not delivered, by reason", "code"),
    "doubts": ("raseed_doubts_settled", "Sends in doubt that were settled, and how", "outcome"),
    "missed": ("raseed_inbound_missed", "Inbound messages found in Twilio's list that never reached us", ""),
}
_HISTOGRAMS: Final = {
    "wait": ("raseed_message_wait_seconds", "From a message's making to its acceptance by Twilio", "queue"),
    "delivery": ("raseed_message_delivery_seconds", "From a message's sending to its delivery", "channel"),
}


def gauges(session: Session) -> Iterator[Metric]:
    """Yield everything that the rows say."""
    yield from _outbox(session)
    yield GaugeMetricFamily(
        "raseed_persons_wanted", "Conversations that wait for a person", session.scalar(_PERSONS_WANTED)
    )
    yield GaugeMetricFamily("raseed_delivery_events_unfolded", "Callbacks not yet applied", session.scalar(_UNFOLDED))
    yield GaugeMetricFamily(
        "raseed_senders_paused", "Senders from which nothing is sent just now", session.scalar(_PAUSED, {"now": now()})
    )
    yield from _senders(session)
    unread = GaugeMetricFamily(
        "raseed_notifications_unread", "What staff was told and has not read", labels=["severity"]
    )
    for severity, number in session.execute(_UNREAD):
        unread.add_metric([severity], number)
    yield unread
    yield from _balances(session)
    yield from money_gauges(session)
    yield from _jobs(session)
    yield from _counted(all_counts(session))


def _outbox(session: Session) -> list[Metric]:
    labels = ["queue", "status"]
    depth = GaugeMetricFamily("raseed_outbox_messages", "Messages that are due and not yet accepted", labels=labels)
    age = GaugeMetricFamily("raseed_outbox_oldest_seconds", "For how long the oldest of them is due", labels=labels)
    for priority, status, number, seconds in session.execute(_WAITING, {"now": now()}):
        depth.add_metric([QUEUE_OF[priority], status], number)
        age.add_metric([QUEUE_OF[priority], status], seconds)
    return [depth, age]


def _senders(session: Session) -> list[Metric]:
    labels = ["channel", "sender"]
    unhealthy = GaugeMetricFamily("raseed_sender_unhealthy", "Whether a sender is taken to be unhealthy", labels=labels)
    rate = GaugeMetricFamily(
        "raseed_sender_error_ratio", "Which part of what a sender sent lately failed", labels=labels
    )
    queued = GaugeMetricFamily("raseed_sender_queued", "Messages that wait to be sent from a sender", labels=labels)
    for sender, health, waiting in session.execute(_SENDERS):
        of = [sender.channel, sender.address]
        unhealthy.add_metric(of, health.state == UNHEALTHY)
        rate.add_metric(of, health.failed / health.tried if health.tried else 0)
        queued.add_metric(of, waiting)
    return [unhealthy, rate, queued]


def _balances(session: Session) -> list[Metric]:
    left = GaugeMetricFamily(
        "raseed_twilio_balance", "What is left on a Twilio account", labels=["account", "currency"]
    )
    for one in balances(session):
        left.add_metric([one.account_sid[-4:], one.currency], float(one.amount))
    return [left]


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


def _counted(counts: Iterable[Count]) -> Iterator[Metric]:
    by_name: dict[str, dict[str, list[Count]]] = {}
    for one in counts:
        by_name.setdefault(one.name, {}).setdefault(one.label, []).append(one)
    for name, (metric, says, label) in _COUNTERS.items():
        counter = CounterMetricFamily(metric, says, labels=[label] if label else [])
        for value, rows in by_name.get(name, {}).items():
            counter.add_metric([value] if label else [], sum(row.number for row in rows))
        yield counter
    for name, (metric, says, label) in _HISTOGRAMS.items():
        histogram = HistogramMetricFamily(metric, says, labels=[label])
        for value, rows in by_name.get(name, {}).items():
            histogram.add_metric([value], _buckets(rows), sum(row.total for row in rows))
        yield histogram


def _buckets(rows: list[Count]) -> list[tuple[str, float]]:
    """Return the buckets as Prometheus wants them: each holds all that lies below its bound."""
    found = {row.bucket: row.number for row in rows}
    so_far, buckets = 0, []
    for bound in (*map(str, BOUNDS), INFINITE):
        so_far += found.get(bound, 0)
        buckets.append((bound, float(so_far)))
    return buckets
