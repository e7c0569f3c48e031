"""A bank's page that pays SADAD bills: biller code and bill number, the bill, the receipt."""

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sandbox.moyasar.words import language
from sandbox.moyasar.world import World

_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")


def register(app: Flask, world: World) -> None:
    pages = _Bank(world)
    blueprint = Blueprint("bank", __name__, url_prefix="/bank")
    blueprint.add_url_rule("/", "page", pages.page, methods=["GET"])
    blueprint.add_url_rule("/pay", "pay", pages.pay, methods=["POST"])
    app.register_blueprint(blueprint)


class _Bank:
    def __init__(self, world: World) -> None:
        self._world = world

    def page(self) -> str:
        self._world.desk.sweep()
        code, number = _digits(request.args.get("biller", "")), _digits(request.args.get("number", ""))
        bill = self._world.books.bill(code, number)
        config = self._world.config
        return render_template(
            "bank.html",
            code=code,
            number=number,
            bill=bill,
            missing=bool(number) and bill is None,
            merchant=config.merchant_ar if language() == "ar" else config.merchant,
        )

    def pay(self) -> Response:
        code, number = request.form.get("biller", ""), request.form.get("number", "")
        bill = self._world.books.bill(code, number)
        if bill is not None:
            self._world.desk.settle(bill, "paid", "PAID")
        return redirect(url_for("bank.page", lang=language(), biller=code, number=number), 303)


def _digits(text: str) -> str:
    """The digits of what was typed, in any script."""
    return "".join(filter(str.isdecimal, text.translate(_DIGITS)))
