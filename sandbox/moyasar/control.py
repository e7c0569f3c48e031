"""The control interface: faults, settings, and what nobody can do by hand, such as paying what has expired."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request

from sandbox.moyasar.cards import CARDS
from sandbox.moyasar.documents import payment_document
from sandbox.moyasar.errors import ApiError, ControlError
from sandbox.moyasar.model import Invoice, Payment
from sandbox.moyasar.world import World

_OUTCOMES = frozenset({"paid", "failed", "authorized", "captured", "expired"})


def register(app: Flask, world: World) -> None:
    control = _Control(world)
    blueprint = Blueprint("control", __name__, url_prefix="/control")
    for method, path, view in (
        ("GET", "/faults", control.list_faults),
        ("POST", "/faults", control.add_fault),
        ("DELETE", "/faults", control.clear_faults),
        ("GET", "/settings", control.show_settings),
        ("POST", "/settings", control.change_settings),
        ("GET", "/invoices", control.list_invoices),
        ("GET", "/payments", control.list_payments),
        ("GET", "/notices", control.list_notices),
        ("POST", "/pay", control.pay),
        ("POST", "/settle", control.settle),
        ("POST", "/refund", control.refund),
        ("POST", "/notice", control.notice),
        ("POST", "/reset", control.reset),
    ):
        blueprint.add_url_rule(path, view.__name__, view, methods=[method])
    app.register_blueprint(blueprint)


class _Control:
    def __init__(self, world: World) -> None:
        self._world = world

    def list_faults(self) -> Response:
        return jsonify(items=self._world.faults.documents())

    def add_fault(self) -> tuple[Response, int]:
        return jsonify(self._world.faults.add(_sent())), 201

    def clear_faults(self) -> Response:
        return jsonify(removed=self._world.faults.clear())

    def show_settings(self) -> Response:
        return jsonify(self._world.settings.document())

    def change_settings(self) -> Response:
        self._world.settings.change(_sent())
        return jsonify(self._world.settings.document())

    def list_invoices(self) -> Response:
        """Newest first, all of them."""
        self._world.desk.sweep()
        return jsonify(items=[self._world.desk.document(one) for one in self._world.books.invoices()])

    def list_payments(self) -> Response:
        self._world.desk.sweep()
        return jsonify(items=[payment_document(one) for one in self._world.books.payments()])

    def list_notices(self) -> Response:
        """Each try to deliver one, oldest first."""
        return jsonify(items=[asdict(one) for one in self._world.notices.attempts()])

    def pay(self) -> Response:
        """{invoice_id, outcome, amount}: one more payment, whatever the state of the invoice."""
        data = _sent()
        invoice, outcome = self._invoice(data), _outcome(data)
        payment = self._world.desk.start_card(invoice, CARDS[0])
        payment.amount = int(data.get("amount", payment.amount))
        self._world.desk.settle(payment, outcome, "APPROVED" if outcome == "paid" else "DECLINED", whatever=True)
        return jsonify(payment_document(payment))

    def settle(self) -> Response:
        """{payment_id, outcome}: a payment gets an outcome, whatever it had."""
        data = _sent()
        payment = self._payment(data)
        self._world.desk.settle(payment, _outcome(data), whatever=True)
        return jsonify(payment_document(payment))

    def refund(self) -> Response:
        """{payment_id, amount}: as if the merchant had refunded it by hand on Moyasar's own site."""
        data = _sent()
        try:
            return jsonify(payment_document(self._world.desk.refund(self._payment(data), data)))
        except ApiError as error:
            raise ControlError(f"{error} {error.errors or ''}".strip()) from None

    def notice(self) -> Response:
        """{payment_id, type, token, live, amount}: one more notice, true or forged."""
        data = _sent()
        forged = {name: data[name] for name in ("token", "live", "amount") if name in data}
        event = str(data.get("type", "payment_paid"))
        self._world.notices.tell(event, payment_document(self._payment(data)), **forged)
        return jsonify(ok=True)

    def reset(self) -> Response:
        self._world.reset()
        return jsonify(ok=True)

    def _invoice(self, data: dict[str, Any]) -> Invoice:
        invoice = self._world.books.invoice(str(data.get("invoice_id")))
        if invoice is None:
            raise ControlError("invoice_id names an invoice")
        return invoice

    def _payment(self, data: dict[str, Any]) -> Payment:
        payment = self._world.books.payment(str(data.get("payment_id")))
        if payment is None:
            raise ControlError("payment_id names a payment")
        return payment


def _outcome(data: dict[str, Any]) -> str:
    outcome = str(data.get("outcome", "paid"))
    if outcome not in _OUTCOMES:
        raise ControlError(f"outcome is one of {', '.join(sorted(_OUTCOMES))}")
    return outcome


def _sent() -> dict[str, Any]:
    data = request.get_json(silent=True, force=True) if request.get_data() else {}
    if not isinstance(data, dict):
        raise ControlError("the body is a JSON object")
    return data
