"""What happens around an invoice that isn't paid: the rules, disputes, instalments, and what was reminded of."""

from datetime import date, datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import select

from bot.api.calls import Call
from bot.api.pages import Order, page
from bot.api.routes import Resource
from bot.api.shapes import Page, PageQuery, Shape, WallTime
from bot.api.subscriptions import Words
from bot.problems import FieldProblem, Problem
from domain import clock
from domain.bearers import STAFF
from domain.businesses import Business
from domain.dunning.disputing import close_dispute, open_dispute
from domain.dunning.plans import Agreed, CannotAgree, agree, cancel_plan
from domain.dunning.rules import DunningRules, rules_of
from domain.dunning.tables import STAFF as BY_STAFF
from domain.dunning.tables import Instalment, InstalmentPlan, Reminder
from domain.invoices import Invoice
from domain.staff import ADMIN, AGENT, VIEWER

dunning = Resource("dunning", "Invoices that aren't paid: reminders, disputes, instalments, fees, disconnections.")

_PLANS: Final = Order((InstalmentPlan.id,), ("id",))
_REMINDERS: Final = Order((Reminder.id,), ("id",))
_Days = Annotated[int, Field(ge=1, le=365)]
_Minor = Annotated[int, Field(ge=1, le=10**12)]
_Channel = Literal["whatsapp", "sms", "email"]
_Kind = Literal["invoice", "instalment", "disconnection", "broken_plan", "asked"]
_NOT_NOW: Final = {409: "It can't be done as things stand: `code` says why."}


class DunningShown(Shape):
    """What is done when an invoice isn't paid. Days are after the due date; what is null is not done.

    `cut_days`: after so many days the rule itself disconnects, the notice having reached the customer; without it only
    staff does. Never the protected, and never on or before a weekend or a holiday. `reconnects`: once the debt is
    paid the meter is reconnected by itself; else staff is told to.
    """

    remind_at: WallTime
    reminder_days: list[int]
    channels: list[_Channel]
    late_fee_minor: int | None
    late_fee_days: int | None
    notice_days: int | None
    cut_days: int | None
    instalments_from_minor: int | None
    instalments_most: int
    grace_days: int
    reconnects: bool


class DunningChange(Shape):
    """What is to change; what is left out stays."""

    remind_at: WallTime | None = None
    reminder_days: Annotated[list[Annotated[int, Field(ge=-60, le=365)]], Field(max_length=20)] | None = None
    channels: Annotated[list[_Channel], Field(min_length=1, max_length=3)] | None = None
    late_fee_minor: _Minor | None = None
    late_fee_days: _Days | None = None
    notice_days: _Days | None = None
    cut_days: _Days | None = None
    instalments_from_minor: _Minor | None = None
    instalments_most: Annotated[int, Field(ge=2, le=24)] | None = None
    grace_days: Annotated[int, Field(ge=0, le=60)] | None = None
    reconnects: bool | None = None


class DisputeOpened(Shape):
    """What the customer says is wrong."""

    reason: Words


class DisputeClosed(Shape):
    """What came of it."""

    outcome: Words


class DisputeShown(Shape):
    """The dispute."""

    dispute_id: UUID


class PlanAsked(Shape):
    """In how many parts, one a month."""

    parts: int = Field(ge=2, le=24)


class PartShown(Shape):
    """An instalment."""

    n: int
    due_date: date
    amount_minor: int


class PlanShown(Shape):
    """What was agreed of an invoice."""

    id: UUID
    created_at: datetime
    invoice_id: UUID
    customer_id: UUID
    state: Literal["active", "kept", "broken", "cancelled"]
    parts: int
    total_minor: int
    currency: str
    agreed_by: Literal["customer", "staff"]
    agreed_on: date
    ended_at: datetime | None
    instalments: list[PartShown]


class PlanQuery(PageQuery):
    """Which plans: all that is given must hold."""

    invoice_id: UUID | None = None
    customer_id: UUID | None = None
    state: Literal["active", "kept", "broken", "cancelled"] | None = None


class ReminderShown(Shape):
    """That a customer was reminded; without a message there was no way to them."""

    id: UUID
    created_at: datetime
    invoice_id: UUID
    instalment_id: UUID | None
    kind: _Kind
    stage: int
    day: date
    message_id: UUID | None


class ReminderQuery(PageQuery):
    """Which reminders: all that is given must hold."""

    invoice_id: UUID | None = None
    kind: _Kind | None = None


@dunning.get("/dunning-rules", role=VIEWER, answer=DunningShown)
def show_dunning_rules(call: Call) -> DunningShown:
    """Show what is done when an invoice isn't paid."""
    return DunningShown.model_validate(rules_of(call.visit(), call.business_id))


@dunning.patch("/dunning-rules", role=ADMIN, body=DunningChange, answer=DunningShown)
def change_dunning_rules(call: Call, body: DunningChange) -> DunningShown:
    """Change it. What was done already stays."""
    own = select(DunningRules).where(DunningRules.business_id == call.business_id).with_for_update()
    row = call.session.scalars(own).one_or_none()
    before = show_dunning_rules(call).model_dump(mode="json")
    given = {name: getattr(body, name) for name in body.model_fields_set}
    _check_rules({**rules_of(call.visit(), call.business_id).as_dict(), **given})
    if row is None:
        row = DunningRules(business_id=call.business_id)
        call.session.add(row)
    for name, value in given.items():
        setattr(row, name, value)
    call.session.flush()
    after = show_dunning_rules(call)
    call.record("dunning.changed", ("business", call.business_id), before, after.model_dump(mode="json"))
    return after


@dunning.post(
    "/invoices/<uuid:invoice_id>/dispute", role=AGENT, body=DisputeOpened, answer=DisputeShown, problems=_NOT_NOW
)  # fmt: skip
def dispute_invoice(call: Call, invoice_id: UUID, body: DisputeOpened) -> DisputeShown:
    """Note that a customer says that an invoice is wrong: nobody is reminded of it until that is settled."""
    _found(call, invoice_id)
    dispute_id = open_dispute(call.visit(), invoice_id, body.reason)
    if dispute_id is None:
        raise Problem(409, "disputed", "there is an open dispute about this invoice")
    call.record("invoice.disputed", ("invoice", invoice_id), None, {"reason": body.reason})
    return DisputeShown(dispute_id=dispute_id)


@dunning.post(
    "/invoices/<uuid:invoice_id>/settle-dispute",
    role=AGENT,
    body=DisputeClosed,
    answer=DisputeShown,
    problems=_NOT_NOW,
)
def settle_dispute(call: Call, invoice_id: UUID, body: DisputeClosed) -> DisputeShown:
    """Close the dispute about an invoice: reminders go on, from the stage that it has come to."""
    _found(call, invoice_id)
    dispute_id = close_dispute(call.visit(), invoice_id, body.outcome)
    if dispute_id is None:
        raise Problem(409, "not_disputed", "there is no open dispute about this invoice")
    call.record("invoice.dispute_settled", ("invoice", invoice_id), None, {"outcome": body.outcome})
    return DisputeShown(dispute_id=dispute_id)


@dunning.post(
    "/invoices/<uuid:invoice_id>/instalments",
    role=AGENT,
    body=PlanAsked,
    answer=PlanShown,
    status=201,
    problems=_NOT_NOW,
)
def agree_on_instalments(call: Call, invoice_id: UUID, body: PlanAsked) -> PlanShown:
    """Agree on instalments with a customer, whatever is owed; not more than the rules allow."""
    _found(call, invoice_id)
    rules = rules_of(call.visit(), call.business_id)
    today = clock.today(call.session.get_one(Business, call.business_id).timezone)
    staff_id = call.principal.id if call.principal.kind == STAFF else None
    try:
        plan_id = agree(
            call.visit(), call.business_id, invoice_id, body.parts, rules, Agreed(BY_STAFF, today, staff_id)
        )  # fmt: skip
    except CannotAgree as refusal:
        raise Problem(409, refusal.code, "no instalments can be agreed on") from None
    call.record("invoice.instalments", ("invoice", invoice_id), None, {"plan_id": str(plan_id), "parts": body.parts})
    return _shown(call, call.session.get_one(InstalmentPlan, plan_id))


@dunning.get("/instalment-plans", role=VIEWER, query=PlanQuery, answer=Page[PlanShown])
def list_instalment_plans(call: Call, query: PlanQuery) -> Page[PlanShown]:
    """List plans, the newest first."""
    statement = select(InstalmentPlan).where(InstalmentPlan.business_id == call.business_id)
    return page(call, _filtered(statement, InstalmentPlan, query), _PLANS, query, lambda row: _shown(call, row[0]))


@dunning.post("/instalment-plans/<uuid:plan_id>/cancel", role=AGENT, body=None, answer=PlanShown, problems=_NOT_NOW)
def cancel_instalment_plan(call: Call, plan_id: UUID) -> PlanShown:
    """Call a plan off: what is left of the invoice is due, and reminded of."""
    own = select(InstalmentPlan).where(InstalmentPlan.business_id == call.business_id, InstalmentPlan.id == plan_id)
    row = call.session.scalars(own).one_or_none()
    if row is None:
        raise Problem(404, "not_found", "there is no plan with this id")
    if not cancel_plan(call.visit(), plan_id):
        raise Problem(409, "illegal_transition", "this plan has ended")
    call.session.refresh(row)
    call.record("instalments.cancelled", ("instalment_plan", row.id), {"state": "active"}, {"state": "cancelled"})
    return _shown(call, row)


@dunning.get("/reminders", role=VIEWER, query=ReminderQuery, answer=Page[ReminderShown])
def list_reminders(call: Call, query: ReminderQuery) -> Page[ReminderShown]:
    """List what customers were reminded of, the newest first."""
    statement = select(Reminder).where(Reminder.business_id == call.business_id)
    filtered = _filtered(statement, Reminder, query)
    return page(call, filtered, _REMINDERS, query, lambda row: ReminderShown.model_validate(row[0]))


def _filtered(statement: Any, table: Any, query: PageQuery) -> Any:
    for name in set(type(query).model_fields) - set(PageQuery.model_fields):
        value = getattr(query, name)
        if value is not None:
            statement = statement.where(getattr(table, name) == value)
    return statement


def _shown(call: Call, row: InstalmentPlan) -> PlanShown:
    parts = call.session.scalars(select(Instalment).where(Instalment.plan_id == row.id).order_by(Instalment.n))
    fields = {name: getattr(row, name) for name in PlanShown.model_fields if name != "instalments"}
    return PlanShown(**fields, instalments=[PartShown.model_validate(part) for part in parts])


def _found(call: Call, invoice_id: UUID) -> None:
    own = select(Invoice.id).where(Invoice.business_id == call.business_id, Invoice.id == invoice_id)
    if call.session.scalars(own).one_or_none() is None:
        raise Problem(404, "not_found", "there is no invoice with this id")


_WHOLE: Final = ("remind_at", "reminder_days", "channels", "instalments_most", "grace_days", "reconnects")


def _check_rules(wanted: dict[str, Any]) -> None:
    """Refuse rules that don't go together. Raises Problem."""
    empty = [name for name in _WHOLE if wanted[name] is None]
    if empty:
        raise Problem(422, "invalid", f"{empty[0]} can't be empty")
    if (wanted["late_fee_minor"] is None) != (wanted["late_fee_days"] is None):
        raise _wrong("late_fee_days", "goes_together", "late_fee_minor and late_fee_days go together")
    notice, cut = wanted["notice_days"], wanted["cut_days"]
    if cut is not None and (notice is None or cut <= notice):
        raise _wrong("cut_days", "after_notice", "nobody is disconnected without a notice some days before")


def _wrong(field: str, code: str, detail: str) -> Problem:
    return Problem(422, "invalid", detail, [FieldProblem(field, code, detail)])
