"""The page of each meter: a keypad and a display."""

from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, redirect, request, send_from_directory
from werkzeug.wrappers import Response as AnyResponse

from sandbox.vendor.errors import ApiError
from sandbox.vendor.meter import SoftwareMeter
from sandbox.vendor.world import World

_FILES = Path(__file__).parent / "page"
_SPEEDS = (1, 60, 600, 3600)


def register(app: Flask, world: World) -> None:
    """Put the pages on the application."""
    pages = _Pages(world)
    blueprint = Blueprint("pages", __name__)
    for method, path, view in (
        ("GET", "/", pages.index),
        ("GET", "/meter/<number>", pages.page),
        ("GET", "/files/<path:name>", pages.file),
        ("GET", "/meters", pages.meters),
        ("GET", "/meters/<number>", pages.state),
        ("POST", "/meters/<number>/enter", pages.enter),
        ("POST", "/meters/<number>/set", pages.change),
    ):
        blueprint.add_url_rule(path, view.__name__, view, methods=[method])
    app.register_blueprint(blueprint)


class _Pages:
    def __init__(self, world: World) -> None:
        self._world = world

    def index(self) -> AnyResponse:
        return redirect(f"{request.script_root}/meter/{next(iter(self._world.meters))}")

    def page(self, number: str) -> Response:
        self._world.meter(number)
        return send_from_directory(_FILES, "index.html", max_age=0)

    def file(self, name: str) -> Response:
        return send_from_directory(_FILES, name, max_age=0)

    def meters(self) -> Response:
        facts = [meter.facts for meter in self._world.meters.values()]
        return jsonify([{"number": one.number, "label": one.label, "label_ar": one.label_ar} for one in facts])

    def state(self, number: str) -> Response:
        with self._world.lock:
            self._world.carry_out()
            return jsonify(_shown(self._world.meter(number)))

    def enter(self, number: str) -> Response:
        entry = self._world.enter(number, str(_said().get("digits", "")))
        shown = {"result": entry.result, "units": entry.units, "detail": entry.detail}
        return jsonify(entry=shown, meter=_shown(self._world.meter(number)))

    def change(self, number: str) -> Response:
        """Change what a person at the meter may change: switch, line, load and speed."""
        said = _said()
        with self._world.lock:
            meter = self._world.meter(number)
            for name in ("switched", "connected"):
                if isinstance(said.get(name), bool):
                    setattr(meter, name, said[name])
            if said.get("switched") is True:
                meter.turned_on = True
            if type(said.get("load_watts")) is int:
                meter.load_watts = max(0, min(20_000, said["load_watts"]))
            if said.get("speed") in _SPEEDS:
                meter.speed = said["speed"]
            self._world.keep(meter)
            return jsonify(_shown(meter))


def _said() -> dict[str, Any]:
    said = request.get_json(silent=True, force=True)
    if not isinstance(said, dict):
        raise ApiError(400, "invalid", "the body is a JSON object")
    return said


def _shown(meter: SoftwareMeter) -> dict[str, Any]:
    return {
        "number": meter.facts.number,
        "label": meter.facts.label,
        "label_ar": meter.facts.label_ar,
        "link": meter.facts.link,
        "credit_wh": round(meter.credit_wh, 2),
        "counted_wh": round(meter.counted_wh, 2),
        "load_watts": meter.load_watts,
        "speed": meter.speed,
        "supplied": meter.supplied,
        "switched": meter.switched,
        "turned_on": meter.turned_on,
        "connected": meter.connected,
        "amperes": meter.amperes,
        "key_revision": meter.key.revision,
        "sections": len(meter.sections),
    }
