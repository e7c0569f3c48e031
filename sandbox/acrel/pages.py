"""The network's page, and its control interface: meters, what they were told, and faults."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request, send_from_directory

from sandbox.acrel.meter import Meter
from sandbox.acrel.world import Refusal, World

_FILES = Path(__file__).parent / "page"
_NEWEST = 12


def register(app: Flask, world: World) -> None:
    """Put the pages on the application."""
    pages = _Pages(world)
    blueprint = Blueprint("pages", __name__)
    for method, path, view in (
        ("GET", "/", pages.page),
        ("GET", "/files/<path:name>", pages.file),
        ("GET", "/overview", pages.overview),
        ("POST", "/meters/<number>/set", pages.change),
        ("GET", "/control/faults", pages.list_faults),
        ("POST", "/control/faults", pages.add_fault),
        ("DELETE", "/control/faults", pages.remove_faults),
        ("DELETE", "/control/faults/<int:fault_id>", pages.remove_fault),
        ("POST", "/control/reset", pages.reset),
    ):
        blueprint.add_url_rule(path, view.__name__, view, methods=[method])
    blueprint.register_error_handler(Refusal, _refuse)
    app.register_blueprint(blueprint)


class _Pages:
    def __init__(self, world: World) -> None:
        self._world = world

    def page(self) -> Response:
        return send_from_directory(_FILES, "index.html", max_age=0)

    def file(self, name: str) -> Response:
        return send_from_directory(_FILES, name, max_age=0)

    def overview(self) -> Response:
        """Every meter, and the newest of what they were told."""
        with self._world.lock:
            commands = list(self._world.commands.values())
            return jsonify(
                meters=[_shown(self._world.meter(number)) for number in self._world.meters],
                commands=commands[::-1][:_NEWEST],
                told=len(commands),
                waiting=len(self._world.to_push),
            )

    def change(self, number: str) -> Response:
        """Change what a person at the meter may change: whether it is reached, and its load; or have it report."""
        said = _said()
        with self._world.lock:
            meter = self._world.meter(number)
            if isinstance(said.get("online"), bool):
                meter.online = said["online"]
            if type(said.get("load_watts")) is int:
                meter.load_watts = max(0, min(50_000, said["load_watts"]))
            if said.get("report") is True and meter.online:
                self._world.report(meter)
            self._world.keep(meter)
            return jsonify(_shown(meter))

    def list_faults(self) -> Response:
        return jsonify(self._world.faults.listed())

    def add_fault(self) -> Response | tuple[Response, int]:
        try:
            return jsonify(asdict(self._world.faults.add(_said())))
        except (ValueError, TypeError) as error:
            return jsonify(error=str(error)), 400

    def remove_faults(self) -> Response:
        self._world.faults.remove()
        return jsonify([])

    def remove_fault(self, fault_id: int) -> Response:
        self._world.faults.remove(fault_id)
        return self.list_faults()

    def reset(self) -> Response:
        self._world.reset()
        return jsonify(reset=True)


def _said() -> dict[str, Any]:
    said = request.get_json(silent=True, force=True)
    return said if isinstance(said, dict) else {}


def _refuse(error: Refusal) -> tuple[Response, int]:
    return jsonify(error=error.code), 404


def _shown(meter: Meter) -> dict[str, Any]:
    facts = {"number": meter.facts.number, "label": meter.facts.label, "label_ar": meter.facts.label_ar}
    shown = {"counted_wh": meter.counted_wh, "closed": meter.closed, "online": meter.online, "para": meter.para}
    return {**facts, **shown, "load_watts": meter.load_watts, "reported_at": meter.reported_at}
