"""The control interface: faults, books, key changes, and forgetting everything."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request

from sandbox.vendor.errors import ApiError
from sandbox.vendor.world import World


def register(app: Flask, world: World) -> None:
    """Put its paths on the application."""
    control = _Control(world)
    blueprint = Blueprint("control", __name__, url_prefix="/control")
    for method, path, view in (
        ("GET", "/faults", control.list_faults),
        ("POST", "/faults", control.add_fault),
        ("DELETE", "/faults", control.remove_faults),
        ("DELETE", "/faults/<int:fault_id>", control.remove_fault),
        ("GET", "/books", control.books),
        ("POST", "/key-change", control.change_key),
        ("POST", "/credit", control.set_credit),
        ("POST", "/reset", control.reset),
    ):
        blueprint.add_url_rule(path, view.__name__, view, methods=[method])
    app.register_blueprint(blueprint)


class _Control:
    def __init__(self, world: World) -> None:
        self._world = world

    def list_faults(self) -> Response:
        return jsonify(self._world.faults.listed())

    def add_fault(self) -> Response:
        try:
            return jsonify(asdict(self._world.faults.add(_said())))
        except (ValueError, TypeError) as error:
            raise ApiError(400, "invalid", str(error)) from error

    def remove_faults(self) -> Response:
        self._world.faults.remove()
        return jsonify([])

    def remove_fault(self, fault_id: int) -> Response:
        self._world.faults.remove(fault_id)
        return self.list_faults()

    def books(self) -> Response:
        """Every charge, command and code, what each meter accepted, and what is left of the merchant's credit."""
        with self._world.lock:
            self._world.carry_out()
            return jsonify(
                charges=list(self._world.charges.values()),
                commands=list(self._world.commands.values()),
                codes=list(self._world.codes.values()),
                accepted={number: meter.accepted for number, meter in self._world.meters.items()},
                credit_minor=self._world.credit_minor,
            )

    def change_key(self) -> Response:
        said = _said()
        self._world.plan_key_change(str(said.get("meter_no")), int(said.get("revision", 2)))
        return jsonify(planned=True)

    def set_credit(self) -> Response:
        with self._world.lock:
            self._world.credit_minor = int(_said()["minor"])
        return jsonify(minor=self._world.credit_minor)

    def reset(self) -> Response:
        self._world.reset()
        return jsonify(reset=True)


def _said() -> dict[str, Any]:
    said = request.get_json(silent=True, force=True)
    if not isinstance(said, dict):
        raise ApiError(400, "invalid", "the body is a JSON object")
    return said
