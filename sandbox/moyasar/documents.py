"""Invoices and payments as the API shows them."""

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar

from sandbox.moyasar.model import Invoice, Payment
from sandbox.twilio.clock import iso

Thing = TypeVar("Thing", Invoice, Payment)
_ZONE = dt.timezone(dt.timedelta(hours=3))


def money(amount: int, currency: str) -> str:
    return f"{amount / 100:,.2f} {currency}"


def _instant(epoch: float | None) -> str | None:
    return None if epoch is None else iso(epoch)


def day(epoch: float) -> str:
    """The date in Riyadh."""
    return dt.datetime.fromtimestamp(epoch, _ZONE).date().isoformat()


def invoice_document(invoice: Invoice, payments: list[Payment], base: str) -> dict[str, Any]:
    return {
        "id": invoice.id,
        "status": invoice.status,
        "amount": invoice.amount,
        "currency": invoice.currency,
        "description": invoice.description,
        "logo_url": None,
        "amount_format": money(invoice.amount, invoice.currency),
        "url": f"{base}/invoices/{invoice.id}",
        "callback_url": invoice.callback_url,
        "success_url": invoice.success_url,
        "back_url": invoice.back_url,
        "expired_at": _instant(invoice.expires),
        "created_at": iso(invoice.created),
        "updated_at": iso(invoice.updated),
        "payments": [payment_document(payment) for payment in payments],
        "metadata": invoice.metadata,
    }


def payment_document(payment: Payment) -> dict[str, Any]:
    captured = payment.amount if payment.status == "captured" else 0
    return {
        "id": payment.id,
        "status": payment.status,
        "amount": payment.amount,
        "fee": 0,
        "currency": payment.currency,
        "refunded": payment.refunded,
        "refunded_at": _instant(payment.refunded_at),
        "captured": captured,
        "captured_at": None,
        "voided_at": None,
        "description": payment.description,
        "amount_format": money(payment.amount, payment.currency),
        "fee_format": money(0, payment.currency),
        "refunded_format": money(payment.refunded, payment.currency),
        "captured_format": money(captured, payment.currency),
        "invoice_id": payment.invoice_id,
        "ip": None,
        "callback_url": payment.callback_url,
        "created_at": iso(payment.created),
        "updated_at": iso(payment.updated),
        "metadata": payment.metadata,
        "source": payment.source,
    }


def page_of(found: list[Thing], show: Callable[[Thing], dict[str, Any]], name: str, page: int) -> dict[str, Any]:
    """One page of a list, forty to a page."""
    pages = max(1, -(-len(found) // 40))
    return {
        name: [show(one) for one in found[(page - 1) * 40 : page * 40]],
        "meta": {
            "current_page": page,
            "next_page": page + 1 if page < pages else None,
            "prev_page": page - 1 if page > 1 else None,
            "total_pages": pages,
            "total_count": len(found),
        },
    }
