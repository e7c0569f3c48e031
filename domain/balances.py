"""What is left on the accounts that our messages are paid from."""

from datetime import datetime
from decimal import Decimal
from typing import Final

from sqlalchemy import Numeric, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.base import Base
from domain.clock import now


class AccountBalance(Base):
    """What Twilio last said is left on an account. It belongs to no business: several may share the account."""

    __tablename__ = "account_balance"

    account_sid: Mapped[str] = mapped_column(primary_key=True)
    amount: Mapped[Decimal] = mapped_column(Numeric(14, 4))
    currency: Mapped[str]
    checked_at: Mapped[datetime]


_REMEMBER: Final = text(
    """
    INSERT INTO account_balance (account_sid, amount, currency, checked_at)
    VALUES (:account_sid, :amount, :currency, :now)
    ON CONFLICT (account_sid) DO UPDATE
    SET amount = excluded.amount, currency = excluded.currency, checked_at = excluded.checked_at
    """
)


def remember_balance(session: Session, account_sid: str, amount: Decimal, currency: str) -> None:
    """Write down what is left on an account, in units of `currency`."""
    values = {"account_sid": account_sid, "amount": amount, "currency": currency, "now": now()}
    session.execute(_REMEMBER, values)


def balances(session: Session) -> list[AccountBalance]:
    """Return what is known of every account."""
    return list(session.scalars(select(AccountBalance).order_by(AccountBalance.account_sid)))
