"""Measuring: from what is known of a meter to what is billed for it, or why it is held back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from domain.billing.charging import NOTHING, Bill, Settled, Used
from domain.billing.estimating import Estimate
from domain.billing.facts import Facts, Frame, Read
from domain.readings.judging import Usual, judge

NO_START, NO_READING, ESTIMATES_TOO_HIGH, NO_TARIFF, BILLED_LATER = CODES = (
    "no_start",
    "no_reading",
    "estimates_too_high",
    "no_tariff",
    "billed_later",
)


@dataclass(frozen=True, slots=True)
class Held:
    """That a meter is not billed: a code, and what is odd in figures. `reading_id` is the reading that is odd."""

    facts: Facts
    code: str
    detail: str | None = None
    reading_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """What is billed for a meter. `bill` has the days and the use; what stands here is written down with it.

    `estimated`: there was no reading, and `end` is what we think.
    """

    facts: Facts
    bill: Bill
    start_reading_id: UUID | None
    start_wh: int
    end: Read
    estimated: bool
    estimates: int
    since_on: date
    since_wh: int

    @property
    def wh(self) -> int:
        """How much is billed: what was used, less what estimates have charged before."""
        return sum(one.wh for one in self.bill.used) - self.bill.settled.wh


@dataclass(frozen=True, slots=True)
class _Begin:
    """Where a bill begins; and where the span begins that the meter tells of: earlier, if estimates came between."""

    first: date
    reading_id: UUID | None
    wh: int
    since_on: date
    since_wh: int
    estimates: int
    settled: Settled


def measure(facts: Facts, frame: Frame, estimate: Estimate | None) -> Measured | Held:
    """Return what is billed for a meter in the frame's period, or why nothing is.

    `estimate` is what is known beyond the facts of one without a reading at the end.
    """
    if facts.billed_later:
        return Held(facts, BILLED_LATER)
    if facts.tariff is None:
        return Held(facts, NO_TARIFF)
    begin = _begin(facts)
    if begin is None:
        return Held(facts, NO_START)
    if facts.end is None or facts.end.day <= begin.first:
        if facts.closed_on is not None:
            return Held(facts, NO_READING, f"in use no more since {facts.closed_on}: its last reading is missing")
        return _estimated(facts, frame, begin, estimate)
    return _read(facts, frame, begin, facts.end)


def _begin(facts: Facts) -> _Begin | None:
    before = facts.previous
    if before is not None:
        settled = Settled(before.unsettled_wh, before.unsettled_minor)
        since = (before.since_on, before.since_wh)
        return _Begin(before.until, before.end_reading_id, before.end_wh, *since, before.estimates, settled)
    start = facts.start
    if start is None and facts.exchange is not None:
        start = Read(None, facts.exchange.day, facts.exchange.first_wh)
    return None if start is None else _Begin(start.day, start.reading_id, start.wh, start.day, start.wh, 0, NOTHING)


def _read(facts: Facts, frame: Frame, begin: _Begin, end: Read) -> Measured | Held:
    usual = usual_of(facts, frame, begin.since_on, begin.since_wh)
    used: list[Used] = []
    for first, until, before, after in _stretches(facts, begin, end):
        judged = judge(before, after, (until - first).days, usual, facts.register_digits, trusted=end.trusted)
        if judged.wh is None or judged.odd:
            return Held(facts, judged.odd or NO_READING, _in_figures(before, after, usual), end.reading_id)
        used.append(Used(first, until, judged.wh))
    bill = Bill(begin.first, end.day, tuple(used), begin.settled)
    return Measured(
        facts, bill, begin.reading_id, begin.wh, end, estimated=False, estimates=0, since_on=end.day, since_wh=end.wh
    )


def _stretches(facts: Facts, begin: _Begin, end: Read) -> list[tuple[date, date, int, int]]:
    """Return the days and registers to measure between: two stretches where the meter was exchanged between them."""
    changed = facts.exchange
    if changed is None or not begin.since_on < changed.day < end.day:
        before = changed.first_wh if changed is not None and changed.day == begin.since_on else begin.since_wh
        return [(begin.since_on, end.day, before, end.wh)]
    return [
        (begin.since_on, changed.day, begin.since_wh, changed.last_wh),
        (changed.day, end.day, changed.first_wh, end.wh),
    ]


def _estimated(facts: Facts, frame: Frame, begin: _Begin, estimate: Estimate | None) -> Measured | Held:
    if estimate is not None and estimate.held_for is not None:
        return Held(facts, estimate.held_for)
    usual = usual_of(facts, frame, begin.since_on, begin.since_wh)
    days = (frame.until - begin.first).days
    if begin.estimates >= frame.most_estimates or days < 1:
        return Held(facts, NO_READING, f"{begin.estimates} estimates before")
    if estimate is not None and estimate.given_wh is not None and estimate.given_wh >= begin.wh:
        wh = estimate.given_wh - begin.wh
    elif usual.known:
        wh = estimate.of_last_year(usual, days) if estimate is not None else usual.of(days)
    else:
        return Held(facts, NO_READING, "nothing to estimate by")
    end = Read(None, frame.until, begin.wh + wh)
    bill = Bill(begin.first, frame.until, (Used(begin.first, frame.until, wh),))
    return Measured(
        facts, bill, begin.reading_id, begin.wh, end,
        estimated=True, estimates=begin.estimates + 1, since_on=begin.since_on, since_wh=begin.since_wh,
    )  # fmt: skip


def usual_of(facts: Facts, frame: Frame, since_on: date, since_wh: int) -> Usual:
    """Return what the home of a meter used before its bill begins."""
    oldest = facts.oldest
    wh, days = (since_wh - oldest.wh, (since_on - oldest.day).days) if oldest is not None else (0, 0)
    return Usual(wh, days, frame.low_percent, frame.high_percent)


def read_on_change(measured: Measured, readings: Mapping[tuple[UUID, date], int]) -> Measured:
    """Return the same with its use parted where a reading was taken on the day of a tariff's change."""
    cuts = sorted((day, wh) for (meter, day), wh in readings.items() if meter == measured.facts.meter_id)
    if len(measured.bill.used) > 1 or not cuts:
        return measured
    (used,) = measured.bill.used
    parts, first, before = [], used.first, measured.end.wh - used.wh
    for day, wh in cuts:
        if first < day < used.until and before <= wh <= measured.end.wh:
            parts.append(Used(first, day, wh - before))
            first, before = day, wh
    parts.append(Used(first, used.until, measured.end.wh - before))
    return replace(measured, bill=replace(measured.bill, used=tuple(parts)))


def _in_figures(before: int, after: int, usual: Usual) -> str:
    said = f"{_kwh(before)} to {_kwh(after)} kWh"
    return f"{said}, usually {_kwh(usual.wh // usual.days)} kWh a day" if usual.known else said


def _kwh(wh: int) -> str:
    return f"{wh / 1000:.1f}".removesuffix(".0")
