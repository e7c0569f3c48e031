"""The first page: what was asked to be paid lately, and what the merchant was told."""

from flask import Blueprint, Flask, render_template

from sandbox.moyasar.world import World

_MOST = 20


def register(app: Flask, world: World) -> None:
    blueprint = Blueprint("overview", __name__)

    def page() -> str:
        world.desk.sweep()
        return render_template(
            "overview.html",
            invoices=world.books.invoices()[:_MOST],
            bills=[one for one in world.books.payments() if one.is_bill][:_MOST],
            notices=world.notices.attempts()[: -_MOST - 1 : -1],
        )

    blueprint.add_url_rule("/", "page", page, methods=["GET"])
    app.register_blueprint(blueprint)
