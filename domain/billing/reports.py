"""What came of a billing run: totals, what was held back and why, and the month before."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from domain.billing.facts import Frame
from domain.billing.items import Charged
from domain.billing.months import month_before
from domain.billing.states import BILLED, CANCELLED, WAITING
from domain.door import Visit
from domain.vat import Taxed, category_of, shares_of

MOST_LISTED: Final = 200


@dataclass(frozen=True, slots=True)
class Exceptional:
    """A meter that was not billed: whose it is, why (`code`), and what is odd in figures."""

    meter_no: str
    account_no: str
    code: str
    detail: str | None


@dataclass(slots=True)
class Totals:
    """Bills together: how many, how many of them estimated, what they are over, and what was used."""

    billed: int = 0
    estimated: int = 0
    net_minor: int = 0
    vat_minor: int = 0
    total_minor: int = 0
    wh: int = 0

    def add(self, frame: Frame, one: Charged) -> None:
        """Add a bill that was reckoned."""
        category = category_of(frame.vat_rate)
        shares = shares_of(Taxed(charge.net_minor, category, frame.vat_rate) for charge in one.charges)
        self.billed += 1
        self.estimated += one.measured.estimated
        self.net_minor += sum(share.net_minor for share in shares)
        self.vat_minor += sum(share.vat_minor for share in shares)
        self.total_minor = self.net_minor + self.vat_minor
        self.wh += one.measured.wh


@dataclass(slots=True)
class Report:
    """What a run did, or would do. `before` is what was billed for the period before this run."""

    currency: str
    totals: Totals = field(default_factory=Totals)
    codes: Counter[str] = field(default_factory=Counter)
    listed: list[Exceptional] = field(default_factory=list)
    last_month: Totals = field(default_factory=Totals)
    before: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return {
            "currency": self.currency,
            **asdict(self.totals),
            "billed_before": self.before,
            "exceptions": sum(self.codes.values()),
            "codes": dict(self.codes),
            "listed": [asdict(one) for one in self.listed[:MOST_LISTED]],
            "last_month": asdict(self.last_month),
        }


_TOTALS: Final = """
    SELECT count(*), count(*) FILTER (WHERE estimates > 0), COALESCE(sum(net_minor), 0)::bigint,
           COALESCE(sum(vat_minor), 0)::bigint, COALESCE(sum(total_minor), 0)::bigint, COALESCE(sum(wh), 0)::bigint
    FROM billing_item AS item JOIN invoice ON invoice.id = invoice_id
    WHERE item.business_id = %(business_id)s AND period = %(period)s AND item.state = 'billed'
"""
_OF_RUN: Final = f"{_TOTALS} AND run_id = %(run_id)s"
_CODES: Final = """
    SELECT code, count(*) FROM billing_item
    WHERE business_id = %(business_id)s AND period = %(period)s AND state IN ('held', 'failed')
    GROUP BY code ORDER BY count(*) DESC, code
"""
_LISTED: Final = """
    SELECT meter_no, account_no, code, detail
    FROM billing_item AS item JOIN meter ON meter.id = meter_id JOIN customer ON customer.id = item.customer_id
    WHERE item.business_id = %(business_id)s AND period = %(period)s AND item.state IN ('held', 'failed')
    ORDER BY code, meter_no LIMIT %(limit)s
"""
_NAMED: Final = """
    SELECT meter.id, meter_no, account_no FROM meter JOIN customer ON customer.id = customer_id
    WHERE meter.id = ANY(%(meters)s)
"""
_STATES: Final = """
    SELECT state, count(*) FROM billing_item
    WHERE business_id = %(business_id)s AND period = %(period)s AND run_id = %(run_id)s GROUP BY state
"""


def report_of(visit: Visit, frame: Frame, run_id: UUID) -> Report:
    """Return what came of a run, and what is still held back in its period."""
    values = {"business_id": frame.business_id, "period": frame.period, "run_id": run_id, "limit": MOST_LISTED}
    (done,) = visit.ask(_OF_RUN, values)
    report = Report(frame.currency, Totals(*done), last_month=last_month_of(visit, frame))
    report.before = visit.ask(_TOTALS, values)[0][0] - report.totals.billed
    report.codes.update(dict(visit.ask(_CODES, values)))
    report.listed = [Exceptional(*row) for row in visit.ask(_LISTED, values)]
    return report


def last_month_of(visit: Visit, frame: Frame) -> Totals:
    """Return what was billed for the month before."""
    return totals_of(visit, frame.business_id, month_before(frame.period))


def totals_of(visit: Visit, business_id: UUID, period: date) -> Totals:
    """Return what was billed for a month."""
    (row,) = visit.ask(_TOTALS, {"business_id": business_id, "period": period})
    return Totals(*row)


def names_of(visit: Visit, meters: list[UUID]) -> dict[UUID, tuple[str, str]]:
    """Return the numbers of meters and of their accounts."""
    return {
        meter_id: (meter_no, account_no) for meter_id, meter_no, account_no in visit.ask(_NAMED, {"meters": meters})
    }


def progress_of(visit: Visit, business_id: UUID, period: date, run_id: UUID) -> dict[str, int]:
    """Return how many items of a run are in which state, and how many there are."""
    values = {"business_id": business_id, "period": period, "run_id": run_id}
    states = dict(visit.ask(_STATES, values))
    counts = {state: number for state, number in states.items() if state != CANCELLED}
    total = sum(counts.values())
    return {"total": total, "done": total - counts.get(WAITING, 0), "billed": counts.get(BILLED, 0), **counts}
