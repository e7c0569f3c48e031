"""What Moyasar keeps: invoices and payments. Amounts are in the currency's smallest unit, times in epoch seconds."""

from dataclasses import dataclass, field
from typing import Any

# A payment with one of these is money.
MONEY = frozenset({"paid", "captured"})
REFUNDABLE = MONEY


@dataclass(slots=True)
class Invoice:
    id: str
    amount: int
    currency: str
    description: str
    created: float
    updated: float
    status: str = "initiated"
    callback_url: str | None = None
    success_url: str | None = None
    back_url: str | None = None
    expires: float | None = None
    metadata: dict[str, str] | None = None
    seq: int = 0


@dataclass(slots=True)
class Payment:
    id: str
    amount: int
    currency: str
    description: str
    created: float
    updated: float
    source: dict[str, Any] = field(default_factory=dict)
    status: str = "initiated"
    invoice_id: str | None = None
    callback_url: str | None = None
    metadata: dict[str, str] | None = None
    expires: float | None = None  # a SADAD bill's
    refunded: int = 0
    refunded_at: float | None = None
    seq: int = 0

    @property
    def is_bill(self) -> bool:
        return self.source.get("type") == "sadadbill"


@dataclass(slots=True)
class Attempt:
    """One try to deliver a notice; `status` is None when no answer came."""

    event_id: str
    event: str
    subject: str
    number: int
    at: float
    status: int | None
    note: str = ""
