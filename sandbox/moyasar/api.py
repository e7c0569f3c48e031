"""The HTTP API: /v1 as the merchant's server calls it."""

from collections.abc import Callable
from secrets import compare_digest
from typing import Any, TypeVar

from flask import Blueprint, Flask, Response, jsonify, request

from sandbox.moyasar import checks
from sandbox.moyasar.documents import page_of, payment_document
from sandbox.moyasar.errors import ApiError, broken, invalid, not_found, not_signed_in, too_many
from sandbox.moyasar.filtering import fits
from sandbox.moyasar.model import Invoice, Payment
from sandbox.moyasar.world import World
from sandbox.twilio.server import HANG_UP

Thing = TypeVar("Thing")


class HungUp(Exception):
    """The connection is closed in place of an answer."""


def register(app: Flask, world: World) -> None:
    api = _Api(world)
    blueprint = Blueprint("api", __name__, url_prefix="/v1")
    for method, path, view in (
        ("POST", "/invoices", api.create_invoice),
        ("GET", "/invoices", api.list_invoices),
        ("GET", "/invoices/<invoice_id>", api.fetch_invoice),
        ("PUT", "/invoices/<invoice_id>", api.update_invoice),
        ("PUT", "/invoices/<invoice_id>/cancel", api.cancel_invoice),
        ("POST", "/payments", api.create_payment),
        ("GET", "/payments", api.list_payments),
        ("GET", "/payments/<payment_id>", api.fetch_payment),
        ("PUT", "/payments/<payment_id>", api.update_payment),
        ("POST", "/payments/<payment_id>/refund", api.refund),
    ):
        blueprint.add_url_rule(path, view.__name__, view, methods=[method])
    blueprint.before_request(api.check_key)
    app.register_blueprint(blueprint)
    app.register_error_handler(ApiError, _refuse)
    app.register_error_handler(HungUp, _hang_up)


def _refuse(error: ApiError) -> tuple[Response, int]:
    return jsonify(error.document()), error.http_status


def _hang_up(_: HungUp) -> Response:
    request.environ[HANG_UP] = True
    return Response()


class _Api:
    def __init__(self, world: World) -> None:
        self._world = world
        self._desk = world.desk

    def check_key(self) -> None:
        given = request.authorization
        key = (given.username or "") if given is not None and given.type == "basic" else ""
        if not compare_digest(key.encode(), self._world.config.secret_key.encode()):
            raise not_signed_in()

    def create_invoice(self) -> tuple[Response, int]:
        data = _sent()
        invoice = self._done("create_invoice", lambda: self._desk.create_invoice(data))
        return jsonify(self._desk.document(invoice)), 201

    def list_invoices(self) -> Response:
        self._desk.sweep()
        found = self._done("list", self._world.books.invoices)
        wanted = request.args.to_dict()
        return jsonify(page_of([one for one in found if fits(one, wanted)], self._desk.document, "invoices", _page()))

    def fetch_invoice(self, invoice_id: str) -> Response:
        self._desk.sweep()
        return jsonify(self._desk.document(self._done("fetch", lambda: self._invoice(invoice_id))))

    def update_invoice(self, invoice_id: str) -> Response:
        return jsonify(self._desk.document(self._updated(self._invoice(invoice_id))))

    def cancel_invoice(self, invoice_id: str) -> Response:
        invoice = self._invoice(invoice_id)
        return jsonify(self._desk.document(self._done("cancel", lambda: self._desk.cancel(invoice))))

    def create_payment(self) -> tuple[Response, int]:
        data = _sent()
        payment = self._done("create_payment", lambda: self._desk.create_payment(data))
        return jsonify(payment_document(payment)), 201

    def list_payments(self) -> Response:
        self._desk.sweep()
        found = self._done("list", self._world.books.payments)
        wanted = request.args.to_dict()
        return jsonify(page_of([one for one in found if fits(one, wanted)], payment_document, "payments", _page()))

    def fetch_payment(self, payment_id: str) -> Response:
        self._desk.sweep()
        return jsonify(payment_document(self._done("fetch", lambda: self._payment(payment_id))))

    def update_payment(self, payment_id: str) -> Response:
        return jsonify(payment_document(self._updated(self._payment(payment_id))))

    def refund(self, payment_id: str) -> Response:
        payment, data = self._payment(payment_id), _sent()
        return jsonify(payment_document(self._done("refund", lambda: self._desk.refund(payment, data))))

    def _done(self, scope: str, act: Callable[[], Thing]) -> Thing:
        """Do it, or let go wrong what is to go wrong."""
        fault = self._world.faults.pick(scope)
        if fault is None:
            return act()
        if fault.kind == "status_429":
            raise too_many()
        if fault.kind == "commit_late":
            self._world.schedule.after(fault.seconds, act)
        if fault.kind in {"status_500", "commit_late"}:
            raise broken()
        if fault.kind in {"slow", "hang"}:
            self._world.stopping.wait(fault.seconds)
        if fault.kind == "hang":
            raise HungUp
        done = act()
        if fault.kind == "after_500":
            raise broken()
        if fault.kind == "drop_after":
            raise HungUp
        return done

    def _invoice(self, invoice_id: str) -> Invoice:
        invoice = self._world.books.invoice(invoice_id)
        if invoice is None:
            raise not_found()
        return invoice

    def _payment(self, payment_id: str) -> Payment:
        payment = self._world.books.payment(payment_id)
        if payment is None:
            raise not_found()
        return payment

    def _updated(self, thing: Thing) -> Thing:
        data = _sent()
        with self._world.books.lock:
            assert isinstance(thing, Invoice | Payment)  # noqa: S101 - a type, told to mypy
            thing.description = str(data.get("description", thing.description))
            thing.metadata = checks.metadata_of(data) or thing.metadata
            self._world.books.save(thing)
        return thing


def _sent() -> dict[str, Any]:
    """What was sent, as JSON or as a form."""
    if not request.get_data():
        return {}
    if not request.is_json:
        return dict(request.form)
    data = request.get_json(silent=True)
    if not isinstance(data, dict):
        raise ApiError(400, "invalid_request_error", "Body is not a JSON object")
    return data


def _page() -> int:
    page = request.args.get("page", "1")
    if not (page.isascii() and page.isdigit() and int(page)):
        raise invalid(page="is invalid")
    return int(page)
