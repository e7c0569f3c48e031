"""How a week went, as bars: drawn on the server, as shapes in the page itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from threading import Lock
from time import monotonic
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from domain.businesses import Business
from domain.clock import today
from domain.senders import CHANNELS

DAYS: Final = 7
# What was counted is shown again for so many seconds: a busy home page counts a week's messages once a minute.
_FRESH: Final = 60.0
_MOST_KEPT: Final = 500
# Which statuses a bar is made of, and how it looks.
SERIES: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "messages": {"received": ("received",), "sent": ("accepted", "sent", "delivered", "read", "undelivered", "failed")},
    "deliveries": {"read": ("read",), "delivered": ("delivered",)},
    "failures": {"failed": ("failed", "undelivered"), "skipped": ("skipped",)},
    "sales": {"sold": ("sold",)},
    "payments": {"paid": ("paid",)},
    "handovers": {"handed_over": ("handed_over",)},
}
WIDTH, HEIGHT, _GAP = 320, 96, 0.3
_COUNT: Final = text(
    """
    SELECT (created_at AT TIME ZONE :zone)::date AS day, status, count(*)
    FROM message
    WHERE business_id = :business_id AND channel = ANY(:channels) AND created_at >= :since
    GROUP BY 1, 2
    """
)

# What came in and went out of money, and how often a person took over: each day's, by what it is called in a chart.
_MORE: Final = text(
    """
    SELECT issue_date, 'sold', sum(total_minor) FROM invoice
    WHERE business_id = :business_id AND issue_date >= :first AND status <> 'cancelled' GROUP BY 1
    UNION ALL
    SELECT (settled_at AT TIME ZONE :zone)::date, 'paid', sum(received_minor) FROM payment
    WHERE business_id = :business_id AND settled_at >= :since AND received_currency = :currency GROUP BY 1
    UNION ALL
    SELECT (created_at AT TIME ZONE :zone)::date, 'handed_over', count(*) FROM handover
    WHERE business_id = :business_id AND created_at >= :since GROUP BY 1
    """
)
# Those whose figures are amounts of money.
_OF_MONEY: Final = frozenset({"sales", "payments"})

Counts = dict[tuple[date, str], int]


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a day's bar, in the units of the drawing; `tone` says which part."""

    tone: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: its bars, and its figures for who reads rather than looks; amounts, where it has a currency."""

    name: str
    tones: Sequence[str]
    bars: Sequence[Bar]
    rows: Sequence[tuple[date, Sequence[int]]]
    total: int
    currency: str | None = None


def week_of(session: Session, business: Business, language: str) -> list[Chart]:
    """Return the charts of the last seven days of a business. In Arabic time runs from right to left."""
    last = today(business.timezone)
    days = [last - timedelta(days=ago) for ago in reversed(range(DAYS))]
    counts = _kept_counts(session, business, days[0])
    charts = [_chart(name, parts, days, counts, mirrored=language == "ar") for name, parts in SERIES.items()]
    return [replace(one, currency=business.currency) if one.name in _OF_MONEY else one for one in charts]


def _chart(
    name: str, parts: dict[str, tuple[str, ...]], days: Sequence[date], counts: Counts, *, mirrored: bool
) -> Chart:
    rows = [(day, [sum(counts.get((day, one), 0) for one in parts[tone]) for tone in parts]) for day in days]
    figures = [figures for _, figures in rows]
    bars = list(_bars(list(parts), figures, mirrored=mirrored))
    return Chart(name, list(parts), bars, rows, sum(map(sum, figures)))


def _bars(tones: Sequence[str], figures: Sequence[Sequence[int]], *, mirrored: bool) -> Iterator[Bar]:
    """Yield the parts of each day's bar, one upon the other."""
    most = max(map(sum, figures)) or 1
    step = WIDTH / len(figures)
    for place, day in enumerate(reversed(figures) if mirrored else figures):
        top = float(HEIGHT)
        for tone, number in zip(tones, day, strict=True):
            if number:
                height = max(HEIGHT * number / most, 1.5)
                top -= height
                x, width = step * (place + _GAP / 2), step * (1 - _GAP)
                yield Bar(tone, round(x, 1), round(max(top, 0), 1), round(width, 1), round(height, 1))


_kept: dict[UUID, tuple[float, date, Counts]] = {}
_lock: Final = Lock()


def _kept_counts(session: Session, business: Business, since: date) -> Counts:
    with _lock:
        at, first, counts = _kept.get(business.id, (0.0, date.min, {}))
    if first == since and monotonic() - at < _FRESH:
        return counts
    counts = _counted(session, business, since)
    with _lock:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        _kept[business.id] = (monotonic(), since, counts)
    return counts


def _counted(session: Session, business: Business, since: date) -> Counts:
    begin = datetime.combine(since, time(), ZoneInfo(business.timezone))
    values = {"business_id": business.id, "channels": list(CHANNELS), "since": begin, "zone": business.timezone}
    rows: list[Any] = list(session.execute(_COUNT, values))
    rows += session.execute(_MORE, {**values, "first": since, "currency": business.currency})
    return {(day, status): int(number or 0) for day, status, number in rows}
