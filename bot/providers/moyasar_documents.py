"""Moyasar's documents, read into the port's results. What isn't as documented raises BadAnswer."""

from datetime import date
from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from domain.gateways.results import Bill, GatewayPayment, Page, Status
from domain.money import Money

# The name under which our attempt travels in an invoice's metadata.
ATTEMPT = "attempt_id"
_STATUSES = {
    "initiated": Status.PENDING,
    "on_hold": Status.PENDING,
    "paid": Status.PAID,
    "captured": Status.PAID,
    "authorized": Status.HELD,
    "verified": Status.HELD,
    "failed": Status.FAILED,
    "canceled": Status.CANCELLED,
    "voided": Status.CANCELLED,
    "expired": Status.EXPIRED,
    "refunded": Status.REFUNDED,
}
Doc = TypeVar("Doc", bound=BaseModel)


class BadAnswer(Exception):
    """Moyasar answered something else than its documentation says."""


def _nothing_if_none(value: object) -> object:
    return {} if value is None else value


Metadata = Annotated[dict[str, Any], BeforeValidator(_nothing_if_none)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class _Document(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Source(_Document):
    type: str = ""
    message: str | None = None
    provider_name: str | None = None
    biller_code: str | None = None
    sadad_number: str | None = None
    expired_at: Any = None


class _Payment(_Document):
    id: str = Field(min_length=1, max_length=100)
    status: str
    amount: int = Field(ge=0)
    currency: Currency
    refunded: int = Field(ge=0, default=0)
    invoice_id: str | None = None
    metadata: Metadata = {}
    source: _Source = _Source()
    created_at: AwareDatetime


class _Invoice(_Document):
    id: str = Field(min_length=1, max_length=100)
    status: str
    amount: int = Field(ge=0)
    currency: Currency
    url: str = Field(pattern=r"^https?://")
    expired_at: AwareDatetime | None = None
    metadata: Metadata = {}
    payments: Annotated[list[_Payment], BeforeValidator(lambda value: value or [])] = []
    created_at: AwareDatetime


class _Meta(_Document):
    next_page: int | None = None


class _Invoices(_Document):
    invoices: list[dict[str, Any]]
    meta: _Meta = _Meta()


def page(document: Any) -> Page:
    """Read a hosted invoice. Raises BadAnswer."""
    found = _read(_Invoice, document)
    return Page(
        id=found.id,
        url=found.url,
        status=_status(found.status),
        amount=Money(found.amount, found.currency),
        attempt_id=_attempt(found.metadata),
        expires_at=found.expired_at,
        payments=tuple(_payment(one) for one in found.payments),
        created_at=found.created_at,
    )


def pages(document: Any) -> tuple[list[Page], int | None]:
    """Read one page of the list of invoices, and the number of the next one. Raises BadAnswer."""
    found = _read(_Invoices, document)
    return [page(one) for one in found.invoices], found.meta.next_page


def payment(document: Any) -> GatewayPayment:
    """Read a payment. Raises BadAnswer."""
    return _payment(_read(_Payment, document))


def _payment(found: _Payment) -> GatewayPayment:
    return GatewayPayment(
        id=found.id,
        status=_status(found.status),
        amount=Money(found.amount, found.currency),
        refunded=Money(found.refunded, found.currency),
        page_id=found.invoice_id,
        attempt_id=_attempt(found.metadata),
        bill=_bill(found.source),
        message=found.source.message,
        created_at=found.created_at,
    )


def _bill(source: _Source) -> Bill | None:
    if source.type != "sadadbill" or not (source.biller_code and source.sadad_number):
        return None
    try:
        # A day, or an instant of which the day counts.
        last_day = date.fromisoformat(str(source.expired_at)[:10])
    except ValueError as error:
        raise BadAnswer("the bill's last day is not a date") from error
    return Bill(source.provider_name or "", source.biller_code, source.sadad_number, last_day)


def _status(word: str) -> Status:
    return _STATUSES.get(word, Status.UNRECOGNISED)


def _attempt(metadata: dict[str, Any]) -> UUID | None:
    try:
        return UUID(str(metadata.get(ATTEMPT)))
    except ValueError:
        return None


def _read(kind: type[Doc], document: Any) -> Doc:
    try:
        return kind.model_validate(document)
    except ValidationError as error:
        fields = sorted({".".join(map(str, one["loc"])) or "the whole" for one in error.errors()})
        raise BadAnswer(f"not as documented: {', '.join(fields)}") from None
