"""Explaining bills: the lines as they were issued, the readings that they came from, and the tax."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from domain.door import Visit
from domain.money import Money


@dataclass(frozen=True, slots=True)
class BillLine:
    """A line of a bill. What is measured has kWh and, unless it is a sum of others, a price of one, without tax."""

    description_en: str
    description_ar: str
    kwh: Decimal | None
    price: Decimal | None
    net: Money


@dataclass(frozen=True, slots=True)
class ExplainedBill:
    """A bill: for which meter and days, from which reading to which (kWh), and how its amounts come about."""

    invoice_no: str
    meter_no: str
    first: date
    last: date
    before: Decimal
    after: Decimal
    kwh: Decimal
    estimated: bool
    net: Money
    vat: Money
    total: Money
    owed: Money
    vat_percent: Decimal
    lines: tuple[BillLine, ...]


_BILLS: Final = """
    SELECT invoice_no, meter_no, first, until, start_wh, end_wh, wh, estimates > 0, invoice.currency, net_minor,
           vat_minor, total_minor, total_minor - paid_minor, said.rate, said.lines
    FROM billing_item AS item JOIN invoice ON invoice.id = invoice_id JOIN meter ON meter.id = meter_id
    CROSS JOIN LATERAL (
        SELECT max(vat_rate) AS rate, array_agg(
            ARRAY[description_en, description_ar, quantity::text, unit_price::text, net_minor::text] ORDER BY n
        ) AS lines
        FROM invoice_line WHERE invoice_line.invoice_id = invoice.id) AS said
    WHERE item.customer_id = %(customer_id)s AND item.state = 'billed'
    ORDER BY until DESC, invoice_no DESC LIMIT %(limit)s
"""


def bills_of(visit: Visit, customer_id: UUID, limit: int) -> list[ExplainedBill]:
    """Return the newest bills of a customer."""
    return [_bill(*row) for row in visit.ask(_BILLS, {"customer_id": customer_id, "limit": limit})]


def _bill(invoice_no: str, meter_no: str, first: date, until: date, *facts: Any) -> ExplainedBill:
    start_wh, end_wh, wh, estimated, currency, net, vat, total, owed, rate, lines = facts
    return ExplainedBill(
        invoice_no,
        meter_no,
        first,
        until - timedelta(days=1),
        _kwh(start_wh),
        _kwh(end_wh),
        _kwh(wh),
        estimated,
        Money(net, currency),
        Money(vat, currency),
        Money(total, currency),
        Money(owed, currency),
        _short(rate * 100),
        tuple(_line(currency, *line) for line in lines),
    )


def _line(currency: str, english: str, arabic: str, kwh: str | None, price: str | None, net: str) -> BillLine:
    return BillLine(
        english,
        arabic,
        None if kwh is None else _short(Decimal(kwh)),
        None if price is None else _price(Decimal(price)),
        Money(int(net), currency),
    )


def _kwh(wh: int) -> Decimal:
    return _short(Decimal(wh).scaleb(-3))


def _price(value: Decimal) -> Decimal:
    """Return a price as prices are written: with two decimals, or more where it has them."""
    rounded = value.quantize(Decimal("0.01"))
    return rounded if rounded == value else value.normalize()


def _short(value: Decimal) -> Decimal:
    """Return a number with no more decimals than it needs."""
    whole = value.to_integral_value()
    return whole if whole == value else value.normalize()
