"""The payment page: choose a card or SADAD, pass the bank's check, see what became of it."""

from flask import Blueprint, Flask, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sandbox.moyasar.cards import CARDS, card
from sandbox.moyasar.documents import day
from sandbox.moyasar.model import Invoice, Payment
from sandbox.moyasar.words import language
from sandbox.moyasar.world import World

_DECLINED = CARDS[2].number


def register(app: Flask, world: World) -> None:
    pages = _Paying(world)
    blueprint = Blueprint("paying", __name__)
    blueprint.add_url_rule("/invoices/<invoice_id>", "page", pages.page, methods=["GET"])
    blueprint.add_url_rule("/invoices/<invoice_id>/card", "card", pages.card, methods=["POST"])
    blueprint.add_url_rule("/invoices/<invoice_id>/sadad", "sadad", pages.sadad, methods=["POST"])
    blueprint.add_url_rule("/3ds/<payment_id>", "check", pages.check, methods=["GET"])
    blueprint.add_url_rule("/3ds/<payment_id>/answer", "answer", pages.answer, methods=["POST"])
    app.register_blueprint(blueprint)


class _Paying:
    def __init__(self, world: World) -> None:
        self._world = world

    def page(self, invoice_id: str) -> str:
        self._world.desk.sweep()
        invoice = self._invoice(invoice_id)
        payments = self._world.books.payments_of(invoice_id)
        tried = next((one for one in payments if one.id == request.args.get("payment")), None)
        return render_template(
            "pay.html",
            invoice=invoice,
            merchant=self._merchant(),
            cards=CARDS,
            paid=next((one for one in payments if one.status == "paid"), None),
            failed=tried if tried is not None and tried.status == "failed" else None,
            bill=next((one for one in payments if one.is_bill and one.status == "initiated"), None),
            until=day(invoice.expires) if invoice.expires else None,
            declined=_DECLINED,
        )

    def card(self, invoice_id: str) -> Response:
        invoice = self._invoice(invoice_id)
        if invoice.status != "initiated":
            return self._to_page(invoice_id)
        chosen = card("".join(filter(str.isdigit, request.form.get("number", ""))))
        payment = self._world.desk.start_card(invoice, chosen)
        if chosen.message == "3DS UNAVAILABLE":
            self._world.desk.settle(payment, "failed", chosen.message)
            return self._to_page(invoice_id, payment.id)
        return redirect(url_for("paying.check", payment_id=payment.id, lang=language()), 303)

    def sadad(self, invoice_id: str) -> Response:
        invoice = self._invoice(invoice_id)
        if invoice.status == "initiated" and invoice.currency == "SAR":
            self._world.desk.start_bill(invoice)
        return self._to_page(invoice_id)

    def check(self, payment_id: str) -> str:
        return render_template("check.html", payment=self._payment(payment_id), merchant=self._merchant())

    def answer(self, payment_id: str) -> Response:
        payment = self._payment(payment_id)
        good = payment.source["response_code"] == "00"
        if request.form.get("answer") != "confirm":
            self._world.desk.settle(payment, "failed", "3DS AUTHENTICATION FAILED")
        elif good:
            self._world.desk.settle(payment, "paid", "APPROVED")
        else:
            self._world.desk.settle(payment, "failed", _message(payment))
        return self._to_page(payment.invoice_id or "", payment.id)

    def _to_page(self, invoice_id: str, payment_id: str | None = None) -> Response:
        return redirect(url_for("paying.page", invoice_id=invoice_id, payment=payment_id, lang=language()), 303)

    def _invoice(self, invoice_id: str) -> Invoice:
        return self._world.books.invoice(invoice_id) or abort(404)

    def _payment(self, payment_id: str) -> Payment:
        payment = self._world.books.payment(payment_id)
        if payment is None or payment.is_bill:
            abort(404)
        return payment

    def _merchant(self) -> str:
        config = self._world.config
        return config.merchant_ar if language() == "ar" else config.merchant


def _message(payment: Payment) -> str:
    code = payment.source["response_code"]
    return next((one.message for one in CARDS if one.code == code), "DECLINED")
