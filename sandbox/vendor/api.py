"""The API of docs/vendor-api.md."""

import re
import time
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request

from sandbox.twilio.clock import parse_instant
from sandbox.twilio.server import HANG_UP
from sandbox.vendor.clock import iso
from sandbox.vendor.errors import ApiError
from sandbox.vendor.history import used_until
from sandbox.vendor.meter import SoftwareMeter
from sandbox.vendor.signing import Gate
from sandbox.vendor.world import World

_REFERENCE = re.compile(r"[A-Za-z0-9_-]{8,64}")
_COMMANDS = ("disconnect", "reconnect", "reduce_amperage", "increase_amperage", "turn_on", "turn_off")
_PURPOSES = ("clear_tamper", "clear_credit", "service")
_ABLE = (
    "charge", "verify_charge", "reading", "readings", "status", "balance", "maintenance_code", *_COMMANDS,
    "command_status", "check_token", "test_connection",
)  # fmt: skip
_HOUR = 3600.0
_MOST_READINGS = 5000


def register(app: Flask, world: World) -> None:
    """Put the API's paths on the application."""
    api, gate = _Api(world), Gate(world)
    blueprint = Blueprint("api", __name__, url_prefix="/v1")
    blueprint.before_request(gate.check)
    for method, path, view in (
        ("GET", "/ping", api.ping),
        ("POST", "/charges", api.charge),
        ("GET", "/charges/<reference>", api.find_charge),
        ("POST", "/commands", api.command),
        ("GET", "/commands/<reference>", api.find_command),
        ("POST", "/maintenance-codes", api.code),
        ("POST", "/token-checks", api.check_token),
        ("GET", "/meters/<number>/reading", api.reading),
        ("GET", "/meters/<number>/status", api.status),
        ("GET", "/meters/<number>/balance", api.balance),
        ("GET", "/readings", api.readings),
    ):
        blueprint.add_url_rule(path, view.__name__, view, methods=[method])
    app.register_blueprint(blueprint)


class _Api:
    def __init__(self, world: World) -> None:
        self._world = world

    def ping(self) -> Response:
        config = self._world.config
        credit = {"credit_minor": self._world.credit_minor, "currency": config.currency}
        return self._read(lambda: {"vendor": "sandbox", "capabilities": list(_ABLE), **credit})

    def charge(self) -> Response:
        said = _said()
        reference, number = _reference(said), _text(said, "meter_no")
        units = _whole(said, "units", 1, 10**9)
        return self._do("charge", 201, lambda: self._world.charge(reference, number, units))

    def find_charge(self, reference: str) -> Response:
        def found() -> dict[str, Any]:
            if reference not in self._world.charges:
                raise ApiError(404, "unknown_reference", "no charge has this reference")
            return self._world.charges[reference]

        return self._read(found)

    def command(self) -> Response:
        said = _said()
        reference, number, command = _reference(said), _text(said, "meter_no"), _one_of(said, "command", _COMMANDS)
        amperes = _whole(said, "amperes", 1, 200) if command.endswith("amperage") else None
        return self._do("command", 202, lambda: self._world.command(reference, number, command, amperes))

    def find_command(self, reference: str) -> Response:
        return self._read(lambda: self._world.command_state(reference))

    def code(self) -> Response:
        said = _said()
        reference, number, purpose = _reference(said), _text(said, "meter_no"), _one_of(said, "purpose", _PURPOSES)
        minutes = _whole(said, "minutes", 1, 1440)
        return self._do("maintenance_code", 201, lambda: self._world.code(reference, number, purpose, minutes))

    def check_token(self) -> Response:
        said = _said()
        number, digits = _text(said, "meter_no"), _text(said, "digits")
        return self._read(lambda: self._world.check(number, digits))

    def reading(self, number: str) -> Response:
        return self._read(lambda: self._reading_of(self._reached(number)))

    def _reading_of(self, meter: SoftwareMeter) -> dict[str, Any]:
        counted = int(_counted(meter, meter.at))
        return {"meter_no": meter.facts.number, "read_at": iso(meter.at), "watt_hours": counted}

    def readings(self) -> Response:
        """One for each full hour: what the meter has counted. Where something is switched on, that has a history."""

        def found() -> dict[str, Any]:
            since, until = _instant("since"), min(_instant("until"), self._world.clock.now())
            meters = [self._reached(number) for number in request.args.getlist("meter")]
            if not meters or len(meters) * max(0.0, until - since) / _HOUR > _MOST_READINGS:
                raise ApiError(422, "invalid", "no meter, or too many readings at once")
            return {"readings": [one for meter in meters for one in _hourly(meter, since, until)]}

        return self._read(found)

    def status(self, number: str) -> Response:
        def found() -> dict[str, Any]:
            self._world.carry_out()
            meter = self._world.meter(number)
            on_line = meter.connected and meter.facts.link != "none"
            radio = meter.facts.link == "rf"
            return {
                "meter_no": number,
                "connected": on_line,
                "supplied": meter.supplied,
                "link": meter.facts.link,
                "concentrator_id": "DCU-0001" if radio else None,
                "signal_dbm": -61 - sum(map(ord, number)) % 30 if radio and on_line else None,
                "last_contact_at": iso(meter.at) if on_line else None,
                "amperes": meter.amperes,
            }

        return self._read(found)

    def balance(self, number: str) -> Response:
        def found() -> dict[str, Any]:
            meter = self._reached(number)
            return {"meter_no": number, "watt_hours": int(meter.credit_wh), "at": iso(meter.at)}

        return self._read(found)

    def _reached(self, number: str) -> SoftwareMeter:
        meter = self._world.meter(number)
        if meter.facts.link == "none":
            raise ApiError(409, "not_supported", "this meter is on no line")
        if not meter.connected:
            raise ApiError(409, "no_contact", "the meter does not answer now")
        return meter

    def _read(self, answer: Callable[[], dict[str, Any]]) -> Response:
        return self._do("read", 200, answer)

    def _do(self, operation: str, status: int, work: Callable[[], dict[str, Any]]) -> Response:
        """Do the work, with the faults that are switched on."""
        struck = self._world.faults.meet(operation)
        if "slow" in struck:
            time.sleep(struck["slow"].seconds)
        if "timeout_before" in struck:
            return _hang_up(struck["timeout_before"].seconds)
        if "error_500" in struck:
            raise ApiError(500, "internal", "something went wrong")
        if "out_of_credit" in struck:
            raise ApiError(409, "out_of_credit", "the merchant's credit with the vendor does not suffice")
        if "unknown_meter" in struck:
            raise ApiError(404, "unknown_meter", "there is no such meter")
        with self._world.lock:
            if "duplicate" in struck:
                work()
            answer = work()
        if "timeout_after" in struck:
            return _hang_up(struck["timeout_after"].seconds)
        if "error_500_after" in struck:
            raise ApiError(500, "internal", "something went wrong")
        response = jsonify(answer)
        response.status_code = status
        return response


def _hang_up(seconds: float) -> Response:
    time.sleep(seconds)
    request.environ[HANG_UP] = True
    return Response("")


def _hourly(meter: SoftwareMeter, since: float, until: float) -> list[dict[str, Any]]:
    first = -(-since // _HOUR) * _HOUR
    hours = int(max(0.0, until - first) // _HOUR) + (first < until)
    found = []
    for hour in range(hours):
        at = first + hour * _HOUR
        found.append({"meter_no": meter.facts.number, "read_at": iso(at), "watt_hours": int(_counted(meter, at))})
    return found


def _counted(meter: SoftwareMeter, at: float) -> float:
    """What it had counted then: what it has run through itself, and what stands for the time before."""
    since = max(0.0, meter.counted_wh - meter.load_watts * meter.speed * (meter.at - at) / _HOUR)
    return since + (used_until(meter.facts.number, at) if meter.load_watts else 0)


def _said() -> dict[str, Any]:
    said = request.get_json(silent=True, force=True)
    if not isinstance(said, dict):
        raise ApiError(400, "invalid", "the body is a JSON object")
    return said


def _text(said: dict[str, Any], name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not value:
        raise ApiError(422, "invalid", f"{name} is a text")
    return value


def _reference(said: dict[str, Any]) -> str:
    reference = _text(said, "reference")
    if not _REFERENCE.fullmatch(reference):
        raise ApiError(422, "invalid", "reference is 8 to 64 letters, digits, - and _")
    return reference


def _one_of(said: dict[str, Any], name: str, values: tuple[str, ...]) -> str:
    value = _text(said, name)
    if value not in values:
        raise ApiError(422, "invalid", f"{name} is one of {', '.join(values)}")
    return value


def _whole(said: dict[str, Any], name: str, least: int, most: int) -> int:
    value = said.get(name)
    if type(value) is not int or not least <= value <= most:
        raise ApiError(422, "invalid", f"{name} is a whole number from {least} to {most}")
    return value


def _instant(name: str) -> float:
    try:
        return parse_instant(request.args[name])
    except (KeyError, ValueError):
        raise ApiError(422, "invalid", f"{name} is an ISO instant") from None
