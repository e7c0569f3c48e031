"""Moyasar's own acts: invoices and payments come to be, change their states, and the merchant is told."""

import secrets
import uuid
from typing import Any

from sandbox.moyasar import checks
from sandbox.moyasar.books import Books
from sandbox.moyasar.cards import Card
from sandbox.moyasar.config import Config
from sandbox.moyasar.documents import day, invoice_document, payment_document
from sandbox.moyasar.errors import invalid, wrong_state
from sandbox.moyasar.model import MONEY, REFUNDABLE, Invoice, Payment
from sandbox.moyasar.notices import Notices
from sandbox.moyasar.settings import Settings
from sandbox.twilio.clock import Clock

BILLER = "901"
# A bill of this amount expires where the others pay themselves.
NEVER_PAID = 50_000
_DAY = 86_400.0
_BILL_DAYS = 29
_EVENTS = {
    "paid": "payment_paid",
    "captured": "payment_captured",
    "authorized": "payment_authorized",
    "failed": "payment_failed",
    "expired": "payment_expired",
    "refunded": "payment_refunded",
}


class Desk:
    """`base` is where this sandbox itself is reached."""

    def __init__(self, config: Config, books: Books, notices: Notices, settings: Settings, clock: Clock) -> None:
        self.base = ""
        self._config = config
        self._books = books
        self._notices = notices
        self._settings = settings
        self._clock = clock

    # Invoices

    def create_invoice(self, data: dict[str, Any]) -> Invoice:
        now = self._clock.now()
        invoice = Invoice(
            id=str(uuid.uuid4()),
            amount=checks.amount_of(data, checks.LEAST_INVOICE),
            currency=checks.currency_of(data),
            description=checks.text_of(data, "description"),
            created=now,
            updated=now,
            callback_url=checks.url_of(data, "callback_url"),
            success_url=checks.url_of(data, "success_url"),
            back_url=checks.url_of(data, "back_url"),
            expires=checks.expiry_of(data, now),
            metadata=checks.metadata_of(data),
        )
        self._books.save(invoice)
        return invoice

    def cancel(self, invoice: Invoice) -> Invoice:
        with self._books.lock:
            self._expire()
            if invoice.status != "initiated":
                raise wrong_state(f"Invoice is already {invoice.status}")
            self._move(invoice, "canceled")
        return invoice

    def document(self, invoice: Invoice) -> dict[str, Any]:
        return invoice_document(invoice, self._books.payments_of(invoice.id), self.base)

    # Payments

    def create_payment(self, data: dict[str, Any]) -> Payment:
        """What the API takes: a SADAD bill. Cards are only typed on our own page."""
        source = data.get("source")
        if not isinstance(source, dict) or source.get("type") != "sadadbill":
            raise invalid(source="only sadadbill is taken here")
        given = checks.given_id_of(data)
        amount = checks.amount_of(data, checks.LEAST_BILL)
        if checks.currency_of({"currency": "SAR", **data}) != "SAR":
            raise invalid(currency="must be SAR")
        payment = self._payment(amount, "SAR", str(data.get("description") or ""), given)
        payment.callback_url, payment.metadata = checks.url_of(data, "callback_url"), checks.metadata_of(data)
        with self._books.lock:
            if given and self._books.payment(given):
                raise invalid(given_id="has already been taken")
            self._make_bill(payment, payment.created + _BILL_DAYS * _DAY)
        return payment

    def start_card(self, invoice: Invoice, card: Card) -> Payment:
        """A card was typed on the page; the bank asks for its code next."""
        payment = self._payment(invoice.amount, invoice.currency, invoice.description, None)
        payment.invoice_id = invoice.id
        payment.source = {
            "type": "creditcard",
            "company": card.company,
            "name": "Sandbox Customer",
            "number": card.masked,
            "gateway_id": f"moyasar_cc_{secrets.token_hex(12)}",
            "reference_number": None,
            "token": None,
            "message": None,
            "transaction_url": f"{self.base}/3ds/{payment.id}",
            "response_code": card.code,
        }
        self._books.save(payment)
        return payment

    def start_bill(self, invoice: Invoice) -> Payment:
        """SADAD was chosen on the page: the bill lives as long as the invoice."""
        for payment in self._books.payments_of(invoice.id):
            if payment.is_bill and payment.status == "initiated":
                return payment
        payment = self._payment(invoice.amount, invoice.currency, invoice.description, None)
        payment.invoice_id = invoice.id
        latest = payment.created + _BILL_DAYS * _DAY
        self._make_bill(payment, min(latest, invoice.expires or latest))
        return payment

    def settle(self, payment: Payment, status: str, message: str = "", *, whatever: bool = False) -> bool:
        """A payment gets its outcome, once; `whatever` its invoice is by now."""
        with self._books.lock:
            self._expire()
            invoice = self._books.invoice(payment.invoice_id)
            if payment.status != "initiated" and not whatever:
                return False
            if status in MONEY and invoice is not None and invoice.status != "initiated" and not whatever:
                status, message = "failed", f"Invoice is {invoice.status}"
            if message:
                payment.source["message"] = message
            self._move(payment, status)
            became_paid = status in MONEY and invoice is not None and invoice.status == "initiated"
            if became_paid and invoice is not None:
                self._move(invoice, "paid")
        self._tell(payment)
        if became_paid and invoice is not None and invoice.callback_url:
            self._notices.call_back(invoice.callback_url, self.document(invoice))
        return True

    def refund(self, payment: Payment, data: dict[str, Any]) -> Payment:
        with self._books.lock:
            if payment.is_bill or payment.status not in REFUNDABLE:
                raise wrong_state(f"Payment cannot be refunded, status: {payment.status}")
            left = payment.amount - payment.refunded
            amount = left if data.get("amount") is None else checks.amount_of(data, 1)
            if amount > left:
                raise invalid(amount=f"must be less than or equal to {left}")
            payment.refunded += amount
            payment.refunded_at = self._clock.now()
            self._move(payment, "refunded" if payment.refunded == payment.amount else payment.status)
            invoice = self._books.invoice(payment.invoice_id)
            if invoice is not None and invoice.status == "paid" and payment.status == "refunded":
                self._move(invoice, "refunded")
        self._notices.tell("payment_refunded", payment_document(payment))
        return payment

    # What time does

    def sweep(self) -> None:
        """What has run out by now says so; bills that pay themselves are paid."""
        self._expire()
        now, after = self._clock.now(), self._settings.bills_paid_after
        for payment in self._books.waiting_bills() if after is not None else ():
            if payment.created + (after or 0) <= now:
                self.settle(payment, "expired" if payment.amount == NEVER_PAID else "paid")

    def _expire(self) -> None:
        now = self._clock.now()
        with self._books.lock:
            for invoice in self._books.waiting_invoices():
                if invoice.expires is not None and invoice.expires <= now:
                    self._move(invoice, "expired")
            for payment in self._books.waiting_bills():
                if payment.expires is not None and payment.expires <= now:
                    self._move(payment, "expired")
                    self._tell(payment)

    def _payment(self, amount: int, currency: str, description: str, given: str | None) -> Payment:
        now = self._clock.now()
        return Payment(given or str(uuid.uuid4()), amount, currency, description, now, now)

    def _make_bill(self, payment: Payment, expires: float) -> None:
        payment.expires = expires
        payment.source = {
            "type": "sadadbill",
            "provider_name": self._config.merchant,
            "biller_code": BILLER,
            "sadad_number": str(secrets.randbelow(9 * 10**12) + 10**12),
            "gateway_id": f"moyasar_sb_{secrets.token_hex(12)}",
            "expired_at": day(expires),
            "message": None,
        }
        self._books.save(payment)

    def _move(self, thing: Invoice | Payment, status: str) -> None:
        thing.status, thing.updated = status, self._clock.now()
        self._books.save(thing)

    def _tell(self, payment: Payment) -> None:
        if event := _EVENTS.get(payment.status):
            self._notices.tell(event, payment_document(payment))
