"""Billing runs: asked for, looked at, and what they held back; and bills that were wrong, issued anew."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import select

from bot.api.calls import Call
from bot.api.pages import Order, page
from bot.api.payments import Words
from bot.api.routes import Resource
from bot.api.shapes import Money, Page, PageQuery, Shape
from bot.billing.rebilling import CannotRebill, rebill
from bot.jobs.queues import NOTICE_QUEUE
from bot.problems import Problem
from domain.billing.reports import progress_of
from domain.billing.runs import PeriodNotOver, ask_run
from domain.billing.tables import BillingItem, BillingRun
from domain.customers import Customer
from domain.invoices import Invoice
from domain.meters import Meter
from domain.staff import ADMIN, VIEWER

billing_runs = Resource("billing-runs", "Billing runs: the postpaid meters of a month, each of them billed once.")

Period = Annotated[str, Field(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", examples=["2026-10"])]
State = Literal["asked", "running", "finished", "finished_with_exceptions"]
ItemState = Literal["waiting", "billed", "held", "failed", "cancelled"]
_ORDER: Final = Order((BillingRun.id,), ("id",))
_ITEMS: Final = Order((BillingItem.id,), ("id",), descending=False)


class TotalsShown(Shape):
    """Bills together: how many, how many of them estimated, and what they are over."""

    billed: int
    estimated: int
    net: Money
    vat: Money
    total: Money
    kwh: Decimal


class ExceptionShown(Shape):
    """A meter that was held back, or would be: whose it is, and why."""

    meter_no: str
    account_no: str
    code: str
    detail: str | None


class ReportShown(TotalsShown):
    """What a run did, or would do. `codes` says how many meters were held back for which reason, `listed` which (200
    at most).
    """

    billed_before: int
    exceptions: int
    codes: dict[str, int]
    listed: list[ExceptionShown]
    last_month: TotalsShown


class RunShown(Shape):
    """A billing run. `progress` counts meters; `report` is there once it has ended."""

    id: UUID
    period: Period
    state: State
    dry_run: bool
    by_itself: bool
    created_at: datetime
    began_at: datetime | None
    ended_at: datetime | None
    progress: dict[str, int]
    report: ReportShown | None


class RunAsked(Shape):
    """The month, and whether it is only to be reckoned."""

    period: Period
    dry_run: bool = False


class ItemShown(Shape):
    """A meter in a run: its bill, or why it was held back (`code`, `detail`)."""

    id: UUID
    meter_no: str
    account_no: str
    customer_id: UUID
    state: ItemState
    code: str | None
    detail: str | None
    invoice_id: UUID | None
    first: date | None
    until: date | None
    kwh: Decimal | None
    estimated: bool | None


class ItemQuery(PageQuery):
    """Which of them."""

    state: ItemState | None = None


class RebillAsked(Shape):
    """Why the bill is wrong: it stands on the credit note."""

    reason: Words


class Rebilled(Shape):
    """The credit note, and the invoice that takes the place; without one the meter is held back."""

    credit_note_id: UUID
    credit_note_no: str
    invoice_id: UUID | None
    invoice_no: str | None


@billing_runs.get("/billing-runs", role=VIEWER, query=PageQuery, answer=Page[RunShown])
def list_billing_runs(call: Call, query: PageQuery) -> Page[RunShown]:
    """List runs, the newest first."""
    statement = select(BillingRun).where(BillingRun.business_id == call.business_id)
    return page(call, statement, _ORDER, query, lambda row: _shown(call, row[0]))


@billing_runs.get("/billing-runs/<uuid:run_id>", role=VIEWER, answer=RunShown)
def show_billing_run(call: Call, run_id: UUID) -> RunShown:
    """Show a run, and how far it is."""
    return _shown(call, _found(call, run_id))


@billing_runs.get("/billing-runs/<uuid:run_id>/items", role=VIEWER, query=ItemQuery, answer=Page[ItemShown])
def list_billing_items(call: Call, run_id: UUID, query: ItemQuery) -> Page[ItemShown]:
    """List the meters that a run has tried; those that were held back have the state `held` or `failed`."""
    _found(call, run_id)
    statement = (
        select(BillingItem, Meter.meter_no, Customer.account_no)
        .join(Meter, Meter.id == BillingItem.meter_id)
        .join(Customer, Customer.id == BillingItem.customer_id)
        .where(BillingItem.business_id == call.business_id, BillingItem.run_id == run_id)
    )
    if query.state is not None:
        statement = statement.where(BillingItem.state == query.state)
    return page(call, statement, _ITEMS, query, lambda row: _item(*row))


@billing_runs.post(
    "/billing-runs",
    role=ADMIN,
    body=RunAsked,
    answer=RunShown,
    status=202,
    problems={422: "The month is not over yet."},
)
def ask_billing_run(call: Call, body: RunAsked) -> RunShown:
    """Ask for a run; workers begin within seconds. Who asks while one is open for the month gets that one."""
    period = date.fromisoformat(f"{body.period}-01")
    asked_by = f"{call.principal.kind} {call.principal.id}"
    try:
        run_id = ask_run(call.visit(), call.business_id, period, dry_run=body.dry_run, asked_by=asked_by)
    except PeriodNotOver as error:
        raise Problem(422, "period_not_over", str(error)) from None
    call.record("billing_run.asked", ("billing_run", run_id), {}, body.model_dump())
    return show_billing_run(call, run_id)


@billing_runs.post(
    "/invoices/<uuid:invoice_id>/rebill",
    role=ADMIN,
    body=RebillAsked,
    answer=Rebilled,
    problems={409: "It is no meter's bill, was cancelled, or a later month was billed."},
)
def rebill_invoice(call: Call, invoice_id: UUID, body: RebillAsked) -> Rebilled:
    """Take a wrong bill back by a credit note, and bill its meter anew, by the readings as they are now."""
    if call.session.scalar(select(Invoice.id).where(Invoice.id == invoice_id)) is None:
        raise Problem(404, "not_found", "there is no invoice with this id")
    try:
        done = rebill(call.services, call.visit(), invoice_id, body.reason)
    except CannotRebill as error:
        raise Problem(409, error.code, "this invoice can't be issued anew") from None
    number = call.session.scalar(select(Invoice.invoice_no).where(Invoice.id == done.invoice_id))
    after = {"reason": body.reason, "credit_note_no": done.cancelled.credit_note_no, "invoice_no": number}
    call.record("invoice.rebilled", ("invoice", invoice_id), {}, after)
    call.after_commit(lambda: call.services.bell.ring(NOTICE_QUEUE))
    return Rebilled(
        credit_note_id=done.cancelled.credit_note_id,
        credit_note_no=done.cancelled.credit_note_no,
        invoice_id=done.invoice_id,
        invoice_no=number,
    )


def _found(call: Call, run_id: UUID) -> BillingRun:
    statement = select(BillingRun).where(BillingRun.business_id == call.business_id, BillingRun.id == run_id)
    run = call.session.scalars(statement.execution_options(populate_existing=True)).one_or_none()
    if run is None:
        raise Problem(404, "not_found", "there is no billing run with this id")
    return run


def _shown(call: Call, run: BillingRun) -> RunShown:
    progress = run.progress if run.dry_run else progress_of(call.visit(), run.business_id, run.period, run.id)
    same = ("id", "state", "dry_run", "by_itself", "created_at", "began_at", "ended_at")
    facts: dict[str, Any] = {name: getattr(run, name) for name in same}
    report = _report(run.report) if run.report else None
    return RunShown(**facts, period=f"{run.period:%Y-%m}", progress=progress, report=report)


def _report(kept: dict[str, Any]) -> ReportShown:
    same = {name: kept[name] for name in ("billed_before", "exceptions", "codes", "listed")}
    last = TotalsShown(**_totals(kept["last_month"], kept["currency"]))
    return ReportShown(**_totals(kept, kept["currency"]), **same, last_month=last)


def _totals(kept: dict[str, Any], currency: str) -> dict[str, Any]:
    amounts = {name: Money(minor=kept[f"{name}_minor"], currency=currency) for name in ("net", "vat", "total")}
    return {"billed": kept["billed"], "estimated": kept["estimated"], **amounts, "kwh": Decimal(kept["wh"]).scaleb(-3)}


def _item(row: BillingItem, meter_no: str, account_no: str) -> ItemShown:
    same = ("id", "customer_id", "state", "code", "detail", "invoice_id", "first", "until")
    facts: dict[str, Any] = {name: getattr(row, name) for name in same}
    return ItemShown(
        **facts,
        meter_no=meter_no,
        account_no=account_no,
        kwh=None if row.wh is None else Decimal(row.wh).scaleb(-3),
        estimated=None if row.estimates is None else row.estimates > 0,
    )
