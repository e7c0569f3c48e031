"""Settling: when a month is over, what was used of a quota is the state's debt, by the customer's tariff; journalled.

Each charge is settled by itself: one that can't be says why, and never holds the others up.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final
from uuid import UUID

from domain.clock import now
from domain.door import Visit
from domain.ledger.chart import GOVERNMENT, REVENUE, VAT_PAYABLE, house
from domain.ledger.entries import Entry, credit, debit, lines_of
from domain.ledger.posting import post
from domain.money import Money
from domain.rating import blocks_of, cost_of
from domain.tariffs import VOLUME
from domain.vat import vat_on

SOURCE: Final = "subsidy_charge"
CONSUMED: Final = "consumed"
_WATT_HOURS_A_UNIT: Final = 100  # rating counts tenths of a kWh


class CannotSettle(ValueError):
    """A charge can't be settled yet. `code`: no_readings, lower, no_tariff, tariff."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Open:
    """A charge whose month is over, held by this transaction; what the meter had counted before and at its end."""

    charge_id: UUID
    business_id: UUID
    quota_wh: int
    currency: str
    vat_rate: Decimal
    last_day: date
    before_wh: int | None
    after_wh: int | None
    blocks: list[list[int]] | None
    mode: str | None


@dataclass(frozen=True, slots=True)
class Settled:
    """What was used of a quota, and the state's debt for it."""

    consumed_wh: int
    net: Money
    vat: Money


# The counter at a month's end is the last report before it; where the meter came later, its first report is the begin.
_OPEN: Final = """
    SELECT charge.id, charge.business_id, quota_wh, charge.currency, vat_rate,
           (charge.month + interval '1 month - 1 day')::date, COALESCE(before.watt_hours, first.watt_hours),
           after.watt_hours, tariff.blocks, tariff.mode
    FROM subsidy_charge AS charge JOIN business ON business.id = charge.business_id
    JOIN meter ON meter.id = charge.meter_id
    CROSS JOIN LATERAL (SELECT charge.month::timestamp AT TIME ZONE timezone AS begins,
                               (charge.month + interval '1 month') AT TIME ZONE timezone AS ends) AS span
    LEFT JOIN LATERAL (SELECT watt_hours FROM meter_report WHERE meter_id = charge.meter_id AND at <= begins
                       AND watt_hours IS NOT NULL ORDER BY at DESC LIMIT 1) AS before ON true
    LEFT JOIN LATERAL (SELECT watt_hours FROM meter_report WHERE meter_id = charge.meter_id AND at > begins
                       AND at < ends AND watt_hours IS NOT NULL ORDER BY at LIMIT 1) AS first ON true
    LEFT JOIN LATERAL (SELECT watt_hours FROM meter_report WHERE meter_id = charge.meter_id AND at > begins
                       AND at <= ends AND watt_hours IS NOT NULL ORDER BY at DESC LIMIT 1) AS after ON true
    LEFT JOIN LATERAL (SELECT blocks, mode FROM tariff
                       WHERE tariff.business_id = charge.business_id AND code = meter.tariff
                         AND valid_from <= charge.month ORDER BY valid_from DESC LIMIT 1) AS tariff ON true
    WHERE charge.state = 'charged' AND span.ends <= %(now)s AND charge.id > %(after)s
    ORDER BY charge.id LIMIT %(most)s FOR NO KEY UPDATE OF charge SKIP LOCKED
"""
_SETTLE: Final = """
    UPDATE subsidy_charge SET state = 'settled', consumed_wh = one.consumed, net_minor = one.net, vat_minor = one.vat,
        detail = NULL
    FROM ROWS FROM (unnest(%(ids)s::uuid[]), unnest(%(consumed)s::bigint[]), unnest(%(nets)s::bigint[]),
                    unnest(%(vats)s::bigint[])) AS one (id, consumed, net, vat)
    WHERE subsidy_charge.id = one.id AND state = 'charged'
"""
_CANT: Final = """
    UPDATE subsidy_charge SET detail = one.code
    FROM ROWS FROM (unnest(%(ids)s::uuid[]), unnest(%(codes)s::text[])) AS one (id, code)
    WHERE subsidy_charge.id = one.id AND detail IS DISTINCT FROM one.code
"""


def open_charges(visit: Visit, after: UUID, most: int) -> list[Open]:
    """Return up to `most` charges whose month is over, held, by their ids, from beyond `after` on."""
    return [Open(*row) for row in visit.ask(_OPEN, {"now": now(), "after": after, "most": most})]


def settle_charges(visit: Visit, charges: Sequence[Open], failed: Callable[[UUID, str], None] = lambda *_: None) -> int:
    """Settle those of `charges` that can be, and return how many; of each other say why to `failed`."""
    done: list[tuple[Open, Settled]] = []
    codes: dict[UUID, str] = {}
    for one in charges:
        try:
            done.append((one, reckon(one)))
        except CannotSettle as error:
            codes[one.charge_id] = error.code
            failed(one.charge_id, error.code)
    if codes:
        visit.ask(_CANT, {"ids": list(codes), "codes": list(codes.values())})
    if done:
        values = {
            "ids": [one.charge_id for one, _ in done],
            "consumed": [settled.consumed_wh for _, settled in done],
            "nets": [settled.net.minor for _, settled in done],
            "vats": [settled.vat.minor for _, settled in done],
        }
        visit.ask(_SETTLE, values)
    post(visit, [_entry(one, settled) for one, settled in done if settled.net.minor])
    return len(done)


def reckon(one: Open) -> Settled:
    """Return what was used of a quota, and what the state owes for it. Raises CannotSettle."""
    if one.before_wh is None or one.after_wh is None:
        raise CannotSettle("no_readings")
    if one.after_wh < one.before_wh:
        raise CannotSettle("lower")
    if one.blocks is None or one.mode is None:
        raise CannotSettle("no_tariff")
    consumed = min(one.after_wh - one.before_wh, one.quota_wh)
    try:
        net = _cost(consumed // _WATT_HOURS_A_UNIT, one.blocks, one.mode, one.currency)
    except (ValueError, TypeError) as error:
        raise CannotSettle("tariff") from error
    return Settled(consumed, Money(net, one.currency), Money(vat_on(net, one.vat_rate), one.currency))


def _cost(units: int, rows: list[list[int]], mode: str, currency: str) -> int:
    """Return what `units` tenths of a kWh cost in a month, without tax."""
    blocks = blocks_of(rows)
    if mode == VOLUME:
        price = [block.price for block in blocks if block.start <= units][-1]
        return cost_of(units, price, currency)
    ends = [block.start for block in blocks[1:]] + [max(units, blocks[-1].start)]
    used = ((max(0, min(units, end) - block.start), block.price) for block, end in zip(blocks, ends, strict=True))
    return sum(cost_of(part, price, currency) for part, price in used)


def _entry(one: Open, settled: Settled) -> Entry:
    lines = lines_of(
        debit(house(GOVERNMENT), settled.net + settled.vat),
        credit(house(REVENUE), settled.net),
        credit(house(VAT_PAYABLE), settled.vat),
    )
    return Entry(one.business_id, one.last_day, CONSUMED, SOURCE, one.charge_id, lines)
