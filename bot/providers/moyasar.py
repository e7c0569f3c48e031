"""Moyasar: pages to pay on, and SADAD bills."""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote
from uuid import UUID

from bot.providers import moyasar_documents as documents
from bot.providers.moyasar_transport import NotThere, Transport
from domain.gateways.errors import OutcomeUnknown, Refused, Unreachable
from domain.gateways.port import BillRequest, PageRequest
from domain.gateways.results import GatewayPayment, Page
from domain.money import Money

LIVE_KEY = "sk_live_"
_MOST_PAGES = 5
Result = TypeVar("Result")


class Moyasar:
    """A PaymentGateway. `base` includes /v1."""

    def __init__(self, base: str, key: str) -> None:
        self._http = Transport(base, key)
        self._is_live = key.startswith(LIVE_KEY)

    @property
    def is_live(self) -> bool:
        """Whether real money moves: the key decides."""
        return self._is_live

    def create_page(self, request: PageRequest) -> Page:
        """Make a hosted invoice. Raises Refused, Unreachable, OutcomeUnknown."""
        made = _done(documents.page, self._http.do("POST", "/invoices", _invoice(request)))
        _agree(made, request.amount)
        return made

    def page(self, page_id: str) -> Page | None:
        """Return a hosted invoice. Raises Refused, Unreachable."""
        return self._found(documents.page, f"/invoices/{quote(page_id, safe='')}")

    def pages_of(self, attempt_id: UUID) -> list[Page]:
        """Return the hosted invoices of an attempt, the oldest first. Raises Refused, Unreachable."""
        found: list[Page] = []
        number: int | None = 1
        while number is not None and number <= _MOST_PAGES:
            query = {f"metadata[{documents.ATTEMPT}]": str(attempt_id), "page": str(number)}
            listed, number = _answered(documents.pages, self._http.ask("/invoices", query))
            # Should the filter ever not be understood, everything would be listed.
            found += [one for one in listed if one.attempt_id == attempt_id]
        return sorted(found, key=lambda one: one.created_at)

    def cancel_page(self, page_id: str) -> Page:
        """Cancel a hosted invoice. Raises Refused, Unreachable, OutcomeUnknown."""
        return _done(documents.page, self._http.do("PUT", f"/invoices/{quote(page_id, safe='')}/cancel"))

    def create_bill(self, request: BillRequest) -> GatewayPayment:
        """Make a SADAD bill, whose id is the attempt's. Raises Refused, Unreachable, OutcomeUnknown."""
        try:
            made = _done(documents.payment, self._http.do("POST", "/payments", _bill(request)))
        except Refused as refused:
            made = self._earlier_bill(request, refused)
        _agree(made, request.amount)
        if made.bill is None:
            raise OutcomeUnknown("the answer has no bill number")
        return made

    def payment(self, payment_id: str) -> GatewayPayment | None:
        """Return a payment. Raises Refused, Unreachable."""
        return self._found(documents.payment, f"/payments/{quote(payment_id, safe='')}")

    def refund(self, payment_id: str, amount: Money) -> GatewayPayment:
        """Refund. Raises Refused, Unreachable, OutcomeUnknown."""
        path = f"/payments/{quote(payment_id, safe='')}/refund"
        return _done(documents.payment, self._http.do("POST", path, {"amount": amount.minor}))

    def test_connection(self) -> None:
        """Ask for what nobody has paid. Raises Refused, Unreachable."""
        _answered(documents.pages, self._http.ask("/invoices", {"status": "on_hold"}))

    def _earlier_bill(self, request: BillRequest, refused: Refused) -> GatewayPayment:
        """The bill that an earlier try of this attempt made; else the refusal stands."""
        try:
            found = self.payment(str(request.attempt_id))
        except (Refused, Unreachable) as error:
            raise OutcomeUnknown(f"{refused.code}, and then {error}") from error
        if found is None:
            raise refused
        return found

    def _found(self, read: Callable[[Any], Result], path: str) -> Result | None:
        try:
            return _answered(read, self._http.ask(path))
        except NotThere:
            return None


def _invoice(request: PageRequest) -> dict[str, Any]:
    said = {
        "amount": request.amount.minor,
        "currency": request.amount.currency,
        "description": request.description,
        "callback_url": request.notify_url,
        "success_url": request.success_url,
        "back_url": request.back_url,
        "expired_at": request.expires_at.isoformat() if request.expires_at else None,
        "metadata": {documents.ATTEMPT: str(request.attempt_id)},
    }
    return {name: value for name, value in said.items() if value is not None}


def _bill(request: BillRequest) -> dict[str, Any]:
    return {
        "given_id": str(request.attempt_id),
        "amount": request.amount.minor,
        "currency": request.amount.currency,
        "description": request.description,
        "source": {"type": "sadadbill"},
        "metadata": {documents.ATTEMPT: str(request.attempt_id)},
    }


def _agree(made: Page | GatewayPayment, amount: Money) -> None:
    if made.amount != amount:
        raise OutcomeUnknown(f"asked for {amount.minor}, answered {made.amount.minor} {made.amount.currency}")


def _done(read: Callable[[Any], Result], document: Any) -> Result:
    try:
        return read(document)
    except documents.BadAnswer as error:
        raise OutcomeUnknown(str(error)) from error


def _answered(read: Callable[[Any], Result], document: Any) -> Result:
    try:
        return read(document)
    except documents.BadAnswer as error:
        raise Unreachable(str(error)) from error
