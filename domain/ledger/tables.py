"""The tables of the ledger.

What the database refuses, whoever asks: an entry whose lines don't sum to zero in each currency, one with fewer than
two lines, a line that comes to an entry later, any change, a second entry for the same cause, a second reversal, a line
in another currency than its account's, and a wallet below zero.
"""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Minor, Owned, one_of, referable
from domain.clock import now
from domain.ledger.chart import KINDS, OF_CUSTOMERS


class LedgerAccount(Owned, Base):
    """An account in one currency. `holder_id` is the customer, or the business itself.

    A wallet knows its balance, in the customer's favour, and that is never below zero: the trigger that books lines
    keeps it, and nobody else may. `raseed ledger verify` proves it from the lines.
    """

    __tablename__ = "ledger_account"
    __table_args__ = (
        UniqueConstraint("holder_id", "kind", "currency"),
        referable("currency"),
        ForeignKeyConstraint(["business_id", "customer_id"], ["customer.business_id", "customer.id"]),
        CheckConstraint(one_of("kind", KINDS), "kind"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", "currency"),
        CheckConstraint(f"({one_of('kind', OF_CUSTOMERS)}) = (customer_id IS NOT NULL)", "customer"),
        CheckConstraint("holder_id = COALESCE(customer_id, business_id)", "holder"),
        CheckConstraint("(kind = 'wallet') = (balance_minor IS NOT NULL)", "balance"),
        CheckConstraint("balance_minor >= 0", "not_below_zero"),
    )

    kind: Mapped[str]
    currency: Mapped[str]
    customer_id: Mapped[UUID | None]
    holder_id: Mapped[UUID]
    balance_minor: Mapped[int | None] = mapped_column(BigInteger)


class JournalEntry(Owned, Base):
    """What happened, once: `kind` of thing to the source. `day` is the date in the business's time zone.

    `lines` is how many lines it has; with it no line can come later.
    """

    __tablename__ = "journal_entry"
    __table_args__ = (
        UniqueConstraint("business_id", "source_type", "source_id", "kind"),
        UniqueConstraint("reverses_id"),
        referable(),
        referable("lines"),
        ForeignKeyConstraint(["business_id", "reverses_id"], ["journal_entry.business_id", "journal_entry.id"]),
        CheckConstraint("lines >= 2", "lines"),
        CheckConstraint("(kind = 'reversal') = (reverses_id IS NOT NULL)", "reversal"),
        CheckConstraint("reverses_id <> id", "reverses_another"),
        Index("ix_journal_entry_day", "business_id", "day"),
    )

    day: Mapped[date]
    kind: Mapped[str]
    source_type: Mapped[str]
    source_id: Mapped[UUID]
    reverses_id: Mapped[UUID | None]
    lines: Mapped[int] = mapped_column(SmallInteger)


class JournalLine(Base):
    """An amount in minor units on one account: a debit is above zero, a credit below."""

    __tablename__ = "journal_line"
    __table_args__ = (
        ForeignKeyConstraint(
            ["business_id", "entry_id", "lines"],
            ["journal_entry.business_id", "journal_entry.id", "journal_entry.lines"],
        ),
        ForeignKeyConstraint(
            ["business_id", "account_id", "currency"],
            ["ledger_account.business_id", "ledger_account.id", "ledger_account.currency"],
        ),
        CheckConstraint("n BETWEEN 1 AND lines", "n"),
        CheckConstraint("amount_minor <> 0", "amount"),
        Index("ix_journal_line_account", "account_id", postgresql_include=["amount_minor"]),
    )

    entry_id: Mapped[UUID] = mapped_column(primary_key=True)
    n: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    lines: Mapped[int] = mapped_column(SmallInteger)
    created_at: Mapped[datetime] = mapped_column(default=now)
    business_id: Mapped[UUID]
    account_id: Mapped[UUID]
    currency: Mapped[str]
    amount_minor: Mapped[Minor]
