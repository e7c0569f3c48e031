"""The journal: every entry of the ledger with its lines, and customers' wallets."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from bot.api.calls import Call
from bot.api.customers import found_customer
from bot.api.pages import Order, page
from bot.api.routes import Resource
from bot.api.shapes import Money, Page, PageQuery, Shape
from domain.businesses import Business
from domain.ledger.chart import WALLET
from domain.ledger.tables import JournalEntry, JournalLine, LedgerAccount
from domain.staff import VIEWER
from domain.wallet import wallet_of

journal = Resource("journal", "The journal: every entry of the ledger. It is only ever added to.")
wallets = Resource("wallets", "Wallets: what customers have left with the business.")

_ORDER = Order((JournalEntry.id,), ("id",))


class LineShown(Shape):
    """An amount on an account: a debit is above zero, a credit below. A customer's own accounts name them."""

    account: str
    customer_id: UUID | None
    amount: Money


class EntryShown(Shape):
    """What happened on a day, once: `kind` of thing to the source. `reverses_id` is the entry that it takes back."""

    id: UUID
    created_at: datetime
    day: date
    kind: str
    source_type: str
    source_id: UUID
    reverses_id: UUID | None
    lines: list[LineShown]


class JournalQuery(PageQuery):
    """Which entries: all that is given must hold."""

    kind: str | None = Field(None, max_length=40)
    source_type: str | None = Field(None, max_length=40)
    source_id: UUID | None = None
    since: date | None = Field(None, description="From this day on.")
    until: date | None = Field(None, description="Up to this day, inclusive.")


class WalletMove(Shape):
    """What went into a wallet, or out of it, where the amount is below zero; the source says why."""

    id: UUID
    created_at: datetime
    day: date
    kind: str
    source_type: str
    source_id: UUID
    amount: Money


class WalletShown(Shape):
    """What a customer has left with the business."""

    customer_id: UUID
    balance: Money


@journal.get("/journal", role=VIEWER, query=JournalQuery, answer=Page[EntryShown])
def list_journal(call: Call, query: JournalQuery) -> Page[EntryShown]:
    """List the entries of the ledger, the newest first."""
    statement = select(JournalEntry, _lines()).where(JournalEntry.business_id == call.business_id)
    for name in ("kind", "source_type", "source_id"):
        value = getattr(query, name)
        if value is not None:
            statement = statement.where(getattr(JournalEntry, name) == value)
    if query.since is not None:
        statement = statement.where(JournalEntry.day >= query.since)
    if query.until is not None:
        statement = statement.where(JournalEntry.day <= query.until)
    return page(call, statement, _ORDER, query, lambda row: _shown(*row))


@wallets.get("/customers/<uuid:customer_id>/wallet", role=VIEWER, answer=WalletShown)
def show_wallet(call: Call, customer_id: UUID) -> WalletShown:
    """Show what is in a customer's wallet."""
    customer = found_customer(call, customer_id)
    held = wallet_of(call.visit(), customer.id, call.session.get_one(Business, call.business_id).currency)
    return WalletShown(customer_id=customer.id, balance=Money(minor=held.minor, currency=held.currency))


@wallets.get("/customers/<uuid:customer_id>/wallet/moves", role=VIEWER, query=PageQuery, answer=Page[WalletMove])
def list_wallet_moves(call: Call, customer_id: UUID, query: PageQuery) -> Page[WalletMove]:
    """List what went into a customer's wallet and out of it, the newest first."""
    customer = found_customer(call, customer_id)
    statement = (
        select(JournalEntry, JournalLine.amount_minor, JournalLine.currency)
        .join(JournalLine, JournalLine.entry_id == JournalEntry.id)
        .join(LedgerAccount, LedgerAccount.id == JournalLine.account_id)
        .where(LedgerAccount.holder_id == customer.id, LedgerAccount.kind == WALLET)
    )
    return page(call, statement, _ORDER, query, lambda row: _moved(*row))


def _lines() -> ColumnElement[Any]:
    line = func.jsonb_build_array(
        LedgerAccount.kind, LedgerAccount.customer_id, JournalLine.amount_minor, JournalLine.currency
    )
    return (
        select(func.jsonb_agg(aggregate_order_by(line, JournalLine.n)))
        .select_from(JournalLine)
        .join(LedgerAccount, LedgerAccount.id == JournalLine.account_id)
        .where(JournalLine.entry_id == JournalEntry.id)
        .scalar_subquery()
    )


def _shown(row: JournalEntry, lines: list[list[Any]]) -> EntryShown:
    facts = {name: getattr(row, name) for name in EntryShown.model_fields if name != "lines"}
    booked = [
        LineShown(account=kind, customer_id=customer, amount=Money(minor=minor, currency=currency))
        for kind, customer, minor, currency in lines
    ]
    return EntryShown(**facts, lines=booked)


def _moved(row: JournalEntry, minor: int, currency: str) -> WalletMove:
    facts = {name: getattr(row, name) for name in WalletMove.model_fields if name != "amount"}
    return WalletMove(**facts, amount=Money(minor=-minor, currency=currency))
