"""Reckoning many bills: from meters to lines, or to why nothing is billed. One that fails stops no other."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from domain.billing.charging import Charge, NoTariff, charges_of
from domain.billing.estimating import estimates_for
from domain.billing.facts import Facts, Frame, facts_of
from domain.billing.items import Charged
from domain.billing.measuring import ESTIMATES_TOO_HIGH, NO_TARIFF, Held, Measured, measure, read_on_change
from domain.billing.versions import Versions, changes_within, readings_on, versions_of
from domain.clock import today
from domain.door import Visit
from domain.issuing import Draft, DraftLine
from domain.vat import category_of

_KWH: Final = "kwh"


@dataclass(frozen=True, slots=True)
class Broken:
    """A meter whose bill could not be reckoned, for a reason that nobody foresaw."""

    facts: Facts
    error: Exception


Reckoned = tuple[Measured, tuple[Charge, ...]] | Held | Broken


def reckon(visit: Visit, frame: Frame, meters: Sequence[UUID]) -> dict[UUID, Reckoned]:
    """Return for each meter what is billed, or why nothing is: a few questions, however many there are."""
    facts = facts_of(visit, frame, meters)
    unread = [one.meter_id for one in facts if one.end is None or _is_too_early(one)]
    estimates = estimates_for(visit, frame, unread)
    versions = versions_of(visit, frame, (one.tariff for one in facts if one.tariff))
    measured = [_guarded(one, lambda one=one: measure(one, frame, estimates.get(one.meter_id))) for one in facts]  # type: ignore[misc]
    parted = _parted(visit, frame, versions, measured)
    return {_facts_of(one).meter_id: _charged(one, versions, frame) for one in parted}


def _is_too_early(facts: Facts) -> bool:
    begin = facts.previous.until if facts.previous else facts.start.day if facts.start else None
    return begin is not None and facts.end is not None and facts.end.day <= begin


def _guarded(facts: Facts, reckon_one: Callable[[], Measured | Held]) -> Measured | Held | Broken:
    try:
        return reckon_one()
    except Exception as error:  # noqa: BLE001  one meter with impossible figures stops no other
        return Broken(facts, error)


def _parted(
    visit: Visit, frame: Frame, versions: Versions, measured: Sequence[Measured | Held | Broken]
) -> list[Measured | Held | Broken]:
    """Part the use of those whose tariff changes within their bill, where a reading was taken then."""
    spans = [one.bill for one in measured if isinstance(one, Measured)]
    if not spans:
        return list(measured)
    first, until = min(one.used[0].first for one in spans), max(one.used[-1].until for one in spans)
    days = changes_within(versions.values(), first, until)
    if not days:
        return list(measured)
    meters = [one.facts.meter_id for one in measured if isinstance(one, Measured)]
    readings = readings_on(visit, frame, meters, days)
    return [read_on_change(one, readings) if isinstance(one, Measured) else one for one in measured]


def _facts_of(one: Measured | Held | Broken) -> Facts:
    return one.facts


def _charged(one: Measured | Held | Broken, versions: Versions, frame: Frame) -> Reckoned:
    if not isinstance(one, Measured):
        return one
    try:
        charges = charges_of(one.bill, versions.get(one.facts.tariff or "", ()), frame.currency)
    except NoTariff as error:
        return Held(one.facts, NO_TARIFF, str(error))
    except Exception as error:  # noqa: BLE001  one meter with impossible figures stops no other
        return Broken(one.facts, error)
    if sum(charge.net_minor for charge in charges) < 0:
        return Held(one.facts, ESTIMATES_TOO_HIGH, reading_id=None)
    return one, tuple(charges)


@dataclass(frozen=True, slots=True)
class Words:
    """What invoices say, in English and Arabic: `head` what one is for, `line` what a line is of."""

    head: Callable[[Measured], tuple[str, str]]
    line: Callable[[Charge, Measured], tuple[str, str]]


def drafts_of(frame: Frame, charged: Iterable[Charged], words: Words) -> list[Draft]:
    """Return the invoices of bills."""
    category, due = category_of(frame.vat_rate), today(frame.timezone) + timedelta(days=frame.due_days)
    return [
        Draft(
            one.measured.facts.customer_id,
            due,
            *words.head(one.measured),
            tuple(_line(charge, one.measured, frame, category, words) for charge in one.charges),
        )
        for one in charged
    ]


def _line(charge: Charge, measured: Measured, frame: Frame, category: str, words: Words) -> DraftLine:
    quantity, unit, price = None, None, None
    if charge.wh is not None:
        quantity, unit = Decimal(charge.wh).scaleb(-3), _KWH
        price = None if charge.price is None else Decimal(charge.price).scaleb(-6)
    return DraftLine(
        *words.line(charge, measured),
        charge.net_minor,
        category,
        frame.vat_rate,
        measured.facts.meter_no,
        quantity,
        unit,
        price,
    )
