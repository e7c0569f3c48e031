"""What an amount buys: arrears first, by the business's rule; then the month's fixed fee, and electricity; with tax."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from domain.clock import now, today
from domain.door import Visit
from domain.ids import new_id
from domain.invoices import OPEN_STATUSES
from domain.money import Money
from domain.purchases.states import ASKED, BOUGHT
from domain.rating import RatedLine, blocks_of, bought
from domain.vat import net_within, vat_on

# So long a quote holds: longer than anybody takes to pay by a link, shorter than a day's change of anything.
HOLDS: Final = timedelta(minutes=30)
# At most 30 tokens of 1,638.3 kWh: with a change of key they still are one message, and nobody types more.
MOST_UNITS: Final = 16_383 * 30
_MOST_MINOR: Final = 10**12


class CannotQuote(ValueError):
    """No quote can be given. `code`: no_meter, no_tariff, too_little, too_much."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Quote:
    """What `asked` buys for a meter. `units` are tenths of a kWh; `rest_minor` is what is less than one of them.

    `net` is without tax, and holds the fee; `total` is with tax, and without the arrears.
    """

    customer_id: UUID
    meter_id: UUID
    meter_no: str
    nickname: str | None
    tariff_id: UUID
    asked: Money
    arrears: Money
    fee: Money
    lines: tuple[RatedLine, ...]
    rest_minor: int
    net: Money
    vat: Money
    vat_rate: Decimal
    units: int

    @property
    def total(self) -> Money:
        """What the electricity costs, with its fee and its tax."""
        return self.net + self.vat

    @property
    def taken(self) -> Money:
        """What is taken from the wallet."""
        return self.total + self.arrears

    @property
    def kwh(self) -> Decimal:
        """How much electricity it is."""
        return Decimal(self.units).scaleb(-1)

    @property
    def same_as(self) -> tuple[Any, ...]:
        """What must not have changed between the quote and the payment."""
        return (self.tariff_id, self.arrears.minor, self.fee.minor, self.net.minor, self.vat.minor, self.units)


_FACTS: Final = """
    SELECT meter.meter_no, meter.nickname, tariff.id, tariff.mode, tariff.blocks, tariff.fixed_fee_minor,
           business.currency, business.vat_rate, business.arrears_percent,
           (SELECT COALESCE(sum(units), 0)::bigint FROM purchase
            WHERE meter_id = meter.id AND bought_on >= date_trunc('month', %(today)s::date)
              AND state = ANY(%(bought)s)),
           (SELECT EXISTS (SELECT FROM purchase
            WHERE meter_id = meter.id AND bought_on >= date_trunc('month', %(today)s::date)
              AND state = ANY(%(bought)s) AND fee_minor > 0)),
           (SELECT COALESCE(sum(total_minor - paid_minor), 0)::bigint FROM invoice
            WHERE customer_id = %(customer_id)s AND status = ANY(%(open)s) AND due_date < %(today)s
              AND currency = business.currency)
    FROM meter JOIN business ON business.id = meter.business_id
    LEFT JOIN LATERAL (SELECT * FROM tariff
                       WHERE tariff.business_id = meter.business_id AND code = meter.tariff
                         AND valid_from <= %(today)s AND currency = business.currency
                       ORDER BY valid_from DESC LIMIT 1) AS tariff ON true
    WHERE meter.id = %(meter_id)s AND meter.kind = 'prepaid' AND meter.network = 'sts' AND meter.active
"""
_WRITE: Final = """
    INSERT INTO purchase (id, created_at, business_id, customer_id, meter_id, conversation_id, tariff_id, state,
                          state_at, currency, asked_minor, arrears_minor, fee_minor, rest_minor, net_minor, vat_minor,
                          total_minor, units, lines, words, expires_at, attempts)
    VALUES (%(id)s, %(now)s, %(business_id)s, %(customer_id)s, %(meter_id)s, %(conversation_id)s, %(tariff_id)s,
            %(state)s, %(now)s, %(currency)s, %(asked)s, %(arrears)s, %(fee)s, %(rest)s, %(net)s, %(vat)s, %(total)s,
            %(units)s, %(lines)s, %(words)s, %(expires_at)s, 0)
"""


def quote(visit: Visit, customer_id: UUID, meter_id: UUID, asked_minor: int, timezone: str) -> Quote:
    """Return what `asked_minor` buys now for a meter, paid by a customer. Raises CannotQuote."""
    values = {"customer_id": customer_id, "meter_id": meter_id, "today": today(timezone)}
    rows = visit.ask(_FACTS, {**values, "bought": list(BOUGHT), "open": list(OPEN_STATUSES)})
    if not rows:
        raise CannotQuote("no_meter")
    meter_no, nickname, tariff_id, mode, blocks, fixed_fee, currency, vat_rate, percent, used, paid_fee, owed = rows[0]
    if tariff_id is None:
        raise CannotQuote("no_tariff")
    if not 0 < asked_minor < _MOST_MINOR:
        raise CannotQuote("too_little" if asked_minor <= 0 else "too_much")
    arrears = min(owed, asked_minor * percent // 100)
    fee = 0 if paid_fee else fixed_fee
    net = net_within(asked_minor - arrears, vat_rate)
    lines = bought(net - fee, blocks_of(blocks), mode, used, currency) if net > fee else ()
    units = sum(line.units for line in lines)
    if not 0 < units <= MOST_UNITS:
        raise CannotQuote("too_much" if units else "too_little")
    return Quote(
        customer_id=customer_id,
        meter_id=meter_id,
        meter_no=meter_no,
        nickname=nickname,
        tariff_id=tariff_id,
        asked=Money(asked_minor, currency),
        arrears=Money(arrears, currency),
        fee=Money(fee, currency),
        lines=lines,
        rest_minor=net - fee - sum(line.net_minor for line in lines),
        net=Money(net, currency),
        vat=Money(vat_on(net, vat_rate), currency),
        vat_rate=vat_rate,
        units=units,
    )


@dataclass(frozen=True, slots=True)
class Words:
    """What an invoice says, in English and Arabic: what it is for, and its lines."""

    head: tuple[str, str]
    energy: tuple[str, str]
    fee: tuple[str, str]
    rest: tuple[str, str]


def ask(visit: Visit, business_id: UUID, quoted: Quote, words: Words, conversation_id: UUID | None) -> UUID:
    """Write down that a customer asks for what was quoted, and return the purchase. Nothing is taken yet.

    `words` are those of the invoice, once it is paid.
    """
    at, purchase_id = now(), new_id()
    values: dict[str, Any] = {
        "id": purchase_id,
        "now": at,
        "business_id": business_id,
        "customer_id": quoted.customer_id,
        "meter_id": quoted.meter_id,
        "conversation_id": conversation_id,
        "tariff_id": quoted.tariff_id,
        "state": ASKED,
        "currency": quoted.asked.currency,
        "asked": quoted.asked.minor,
        "arrears": quoted.arrears.minor,
        "fee": quoted.fee.minor,
        "rest": quoted.rest_minor,
        "net": quoted.net.minor,
        "vat": quoted.vat.minor,
        "total": quoted.total.minor,
        "units": quoted.units,
        "lines": Jsonb([[line.units, line.price, line.net_minor] for line in quoted.lines]),
        "words": Jsonb(asdict(words)),
        "expires_at": at + HOLDS,
    }
    visit.ask(_WRITE, values)
    return purchase_id


@dataclass(frozen=True, slots=True)
class Asked:
    """A purchase as it stands, locked, with what its business reckons by."""

    words: Words
    same_as: tuple[Any, ...]
    purchase_id: UUID
    business_id: UUID
    customer_id: UUID
    meter_id: UUID
    state: str
    asked_minor: int
    expires_at: datetime
    timezone: str


_LOCK: Final = """
    SELECT purchase.id, business_id, customer_id, meter_id, state, asked_minor, expires_at, business.timezone,
           words, tariff_id, arrears_minor, fee_minor, net_minor, vat_minor, units
    FROM purchase JOIN business ON business.id = business_id WHERE purchase.id = %(id)s FOR UPDATE OF purchase
"""
# Who pays for the same meter at the same time waits, and is quoted the blocks that are left.
_LOCK_METER: Final = "SELECT 1 FROM meter WHERE id = %(meter_id)s FOR NO KEY UPDATE"


def locked(visit: Visit, purchase_id: UUID) -> Asked | None:
    """Return a purchase, and let nobody else change it before this transaction ends; None when there is none."""
    rows = visit.ask(_LOCK, {"id": purchase_id})
    if not rows:
        return None
    return Asked(Words(**rows[0][8]), tuple(rows[0][9:]), *rows[0][:8])


def quoted_again(visit: Visit, asked: Asked) -> Quote | None:
    """Return the quote of a purchase when it still holds to the last unit, else None. The meter stays locked."""
    visit.ask(_LOCK_METER, {"meter_id": asked.meter_id})
    try:
        again = quote(visit, asked.customer_id, asked.meter_id, asked.asked_minor, asked.timezone)
    except CannotQuote:
        return None
    return again if again.same_as == asked.same_as else None


def day_of(asked: Asked) -> date:
    """Return the day that it is at the business."""
    return today(asked.timezone)
