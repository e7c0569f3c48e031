"""Instalments: what is owed of an invoice, agreed to be paid in parts, one a month."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from domain.clock import now
from domain.door import Visit
from domain.dunning.rules import Rules
from domain.dunning.stopping import UNDISPUTED
from domain.ids import new_id
from domain.money import Money

FEWEST_PARTS: Final = 2


class CannotAgree(ValueError):
    """No plan is possible. `code`: off, too_small, not_owed, disputed, has_plan, broken_before, parts."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Part:
    """An instalment: when it is due, and how much it is."""

    due_date: date
    amount: Money


@dataclass(frozen=True, slots=True)
class Owing:
    """An invoice as a plan sees it."""

    invoice_id: UUID
    customer_id: UUID
    invoice_no: str
    owed: Money
    paid_minor: int
    is_open: bool
    undisputed: bool
    planned: bool
    broken: bool


def months_on(day: date, months: int) -> date:
    """Return the same day so many months later; the last of the month where there is no such day."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def parts_of(owed: Money, number: int, today: date) -> tuple[Part, ...]:
    """Return `number` parts of what is owed, one a month from next month on: equal, the first ones a minor unit more
    where it doesn't come out even.
    """
    each, rest = divmod(owed.minor, number)
    return tuple(
        Part(months_on(today, n), Money(each + (1 if n <= rest else 0), owed.currency)) for n in range(1, number + 1)
    )


_OWING: Final = f"""
    SELECT invoice.id, customer_id, invoice_no, total_minor - paid_minor, currency, paid_minor,
           status IN ('issued', 'part_paid'), {UNDISPUTED},
           EXISTS (SELECT FROM instalment_plan AS plan WHERE plan.invoice_id = invoice.id AND plan.state = 'active'),
           EXISTS (SELECT FROM instalment_plan AS plan WHERE plan.invoice_id = invoice.id AND plan.state = 'broken')
    FROM invoice WHERE {{which}}
"""  # noqa: S608  a condition of our own
_ONE: Final = _OWING.format(which="invoice.id = %(invoice_id)s")
# A statement of its own: what is asked after it sees what whoever held the invoice has written.
_LOCK: Final = "SELECT FROM invoice WHERE id = %(invoice_id)s FOR UPDATE"
_OF_CUSTOMER: Final = _OWING.format(
    which="customer_id = %(customer_id)s AND status IN ('issued', 'part_paid') ORDER BY due_date LIMIT %(most)s"
)
_WRITE: Final = """
    INSERT INTO instalment_plan (id, created_at, business_id, invoice_id, customer_id, state, parts, total_minor,
                                 paid_before_minor, currency, agreed_by, staff_id, agreed_on)
    VALUES (%(id)s, %(now)s, %(business_id)s, %(invoice_id)s, %(customer_id)s, 'active', %(parts)s, %(total)s,
            %(paid)s, %(currency)s, %(by)s, %(staff_id)s, %(today)s)
"""
_WRITE_PARTS: Final = """
    INSERT INTO instalment (id, created_at, business_id, plan_id, n, due_date, amount_minor, until_minor)
    SELECT gen_random_uuid(), %(now)s, %(business_id)s, %(id)s, n, due_date, amount, sum(amount) OVER (ORDER BY n)
    FROM ROWS FROM (unnest(%(days)s::date[]), unnest(%(amounts)s::bigint[]))
             WITH ORDINALITY AS one (due_date, amount, n)
"""


def owing(visit: Visit, invoice_id: UUID) -> Owing | None:
    """Return an invoice; None where there is none."""
    rows = visit.ask(_ONE, {"invoice_id": invoice_id})
    return _owing(*rows[0]) if rows else None


def owing_of(visit: Visit, customer_id: UUID, most: int) -> list[Owing]:
    """Return a customer's open invoices, the most urgent first."""
    return [_owing(*row) for row in visit.ask(_OF_CUSTOMER, {"customer_id": customer_id, "most": most})]


def check_plan(one: Owing, rules: Rules, *, by_customer: bool) -> None:
    """Raise CannotAgree where no plan is possible. Staff may for less, and once more; customers within the limits."""
    if not one.is_open:
        raise CannotAgree("not_owed")
    if not one.undisputed:
        raise CannotAgree("disputed")
    if one.planned:
        raise CannotAgree("has_plan")
    if by_customer:
        if rules.instalments_from_minor is None:
            raise CannotAgree("off")
        if one.owed.minor < rules.instalments_from_minor:
            raise CannotAgree("too_small")
        if one.broken:
            raise CannotAgree("broken_before")


@dataclass(frozen=True, slots=True)
class Agreed:
    """By whom a plan was agreed, and on which day."""

    by: str
    today: date
    staff_id: UUID | None = None


def agree(visit: Visit, business_id: UUID, invoice_id: UUID, number: int, rules: Rules, agreed: Agreed) -> UUID:
    """Agree on `number` instalments for what is owed of an invoice now, and return the plan. Raises CannotAgree.

    The invoice is held: a payment at this instant comes before it or after it.
    """
    visit.ask(_LOCK, {"invoice_id": invoice_id})
    one = owing(visit, invoice_id)
    if one is None:
        raise CannotAgree("not_owed")
    check_plan(one, rules, by_customer=agreed.by == "customer")
    if not FEWEST_PARTS <= number <= rules.instalments_most or number > one.owed.minor:
        raise CannotAgree("parts")
    parts = parts_of(one.owed, number, agreed.today)
    values = {
        "id": new_id(), "now": now(), "business_id": business_id, "invoice_id": invoice_id,
        "customer_id": one.customer_id, "parts": number, "total": one.owed.minor, "paid": one.paid_minor,
        "currency": one.owed.currency, "by": agreed.by, "staff_id": agreed.staff_id, "today": agreed.today,
        "days": [part.due_date for part in parts], "amounts": [part.amount.minor for part in parts],
    }  # fmt: skip
    visit.ask(_WRITE, values)
    visit.ask(_WRITE_PARTS, values)
    return UUID(str(values["id"]))


_PARTS: Final = "SELECT due_date, amount_minor FROM instalment WHERE plan_id = %(plan_id)s ORDER BY n"


def parts_of_plan(visit: Visit, plan_id: UUID, currency: str) -> Sequence[Part]:
    """Return the instalments of a plan."""
    return [Part(day, Money(minor, currency)) for day, minor in visit.ask(_PARTS, {"plan_id": plan_id})]


_ACTIVE: Final = "SELECT id FROM instalment_plan WHERE invoice_id = %(invoice_id)s AND state = 'active'"


def active_plan_of(visit: Visit, invoice_id: UUID) -> UUID | None:
    """Return the plan that an invoice is paid by; None where there is none."""
    rows = visit.ask(_ACTIVE, {"invoice_id": invoice_id})
    return rows[0][0] if rows else None


# A plan ends when everything is paid, when the invoice is cancelled, or when an instalment is too late.
_END: Final = """
    UPDATE instalment_plan AS plan SET state = ended.state, ended_at = %(now)s
    FROM (SELECT plan.id, CASE invoice.status WHEN 'paid' THEN 'kept' WHEN 'cancelled' THEN 'cancelled'
                          ELSE 'broken' END AS state
          FROM instalment_plan AS plan JOIN invoice ON invoice.id = plan.invoice_id
          JOIN business ON business.id = plan.business_id
          LEFT JOIN dunning_rules AS rules ON rules.business_id = plan.business_id
          WHERE plan.state = 'active' AND (invoice.status IN ('paid', 'cancelled') OR EXISTS (
              SELECT FROM instalment AS part WHERE part.plan_id = plan.id
              AND part.due_date + COALESCE(rules.grace_days, 3) < (%(now)s::timestamptz AT TIME ZONE timezone)::date
              AND part.until_minor > invoice.paid_minor - plan.paid_before_minor))
          LIMIT %(most)s FOR NO KEY UPDATE OF plan SKIP LOCKED) AS ended
    WHERE plan.id = ended.id RETURNING ended.state, plan.business_id, plan.id, plan.invoice_id
"""
_CANCEL: Final = """
    UPDATE instalment_plan SET state = 'cancelled', ended_at = %(now)s
    WHERE id = %(plan_id)s AND state = 'active' RETURNING id
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """A plan that has ended, and how: kept, broken, cancelled."""

    state: str
    business_id: UUID
    plan_id: UUID
    invoice_id: UUID


def end_plans(visit: Visit, most: int) -> list[Ended]:
    """End up to `most` plans that are over, and return them."""
    return [Ended(*row) for row in visit.ask(_END, {"now": now(), "most": most})]


def cancel_plan(visit: Visit, plan_id: UUID) -> bool:
    """Call a plan off. False when it has ended."""
    return bool(visit.ask(_CANCEL, {"plan_id": plan_id, "now": now()}))


def _owing(  # the columns of the question above
    invoice_id: UUID, customer_id: UUID, invoice_no: str, minor: int, currency: str, paid: int, *flags: bool
) -> Owing:
    return Owing(invoice_id, customer_id, invoice_no, Money(minor, currency), paid, *flags)
