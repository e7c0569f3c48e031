"""What a gateway answers."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from domain.money import Money


class Status(StrEnum):
    """How far a payment, or a page to pay on, has come. Only `PAID` is money."""

    PENDING = "pending"
    PAID = "paid"
    HELD = "held"  # reserved on a card, or a card that was only checked: no money yet
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REFUNDED = "refunded"  # the whole of it
    UNRECOGNISED = "unrecognised"  # a word that is new to us: to be treated as pending, and told to staff


@dataclass(frozen=True, slots=True)
class Bill:
    """What a customer types into a bank's app to pay through SADAD, and the last day on which they can."""

    biller_name: str
    biller_code: str
    number: str
    last_day: date


@dataclass(frozen=True, slots=True)
class GatewayPayment:
    """One payment as the gateway has it. `page_id` is the page that it was made on, `refunded` a running total."""

    id: str
    status: Status
    amount: Money
    refunded: Money
    page_id: str | None
    attempt_id: UUID | None
    bill: Bill | None
    message: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the gateway's where one amount can be paid, with every payment that was tried on it."""

    id: str
    url: str
    status: Status
    amount: Money
    attempt_id: UUID | None
    expires_at: datetime | None
    payments: tuple[GatewayPayment, ...]
    created_at: datetime

    @property
    def money(self) -> tuple[GatewayPayment, ...]:
        """The payments on it that are money, refunded ones too."""
        return tuple(one for one in self.payments if one.status in {Status.PAID, Status.REFUNDED})
