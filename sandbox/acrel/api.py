"""The platform's API: what is public of it, and what is our contract, under /raseed."""

import base64
import json
import re
import time
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request

from sandbox.acrel.world import Refusal, World
from sandbox.twilio.server import HANG_UP

_MSGID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_VALUES: dict[str, Callable[[dict[str, Any]], bool]] = {
    "FORCESWITCH": lambda value: value.get("ForceSwitch") in (0, 1),
    "SETTARIFF": lambda value: isinstance(value.get("tariff"), str),
    "SETQUOTA": lambda value: bool(re.fullmatch(r"\d{4}-\d{2}", str(value.get("month")))) and "kwh" in value,
    "SETCREDITLIMIT": lambda value: type(value.get("credit_limit")) is int,
    "SETMODE": lambda value: value.get("mode") in ("prepaid", "postpaid"),
    "SETPARA": lambda value: type(value.get("upInterval")) is int and 1 <= value["upInterval"] <= 1440,
}


def register(app: Flask, world: World) -> None:
    """Put the API's paths on the application."""
    api = _Api(world)
    blueprint = Blueprint("api", __name__)
    for path in ("/basic/currency/auth_user/login", "/basic/prepayment/auth_user/login"):
        blueprint.add_url_rule(path, path, api.sign_in, methods=["POST"])
    for method, path, view in (
        ("POST", "/basic/currency/entry/home/control", api.control),
        ("GET", "/raseed/command", api.command),
        ("GET", "/raseed/state", api.state),
        ("GET", "/raseed/readings", api.readings),
    ):
        blueprint.add_url_rule(path, view.__name__, view, methods=[method])
    blueprint.register_error_handler(Refusal, _refuse)
    app.register_blueprint(blueprint)


class _Api:
    def __init__(self, world: World) -> None:
        self._world = world

    def sign_in(self) -> Response:
        def token() -> dict[str, Any]:
            try:
                said = json.loads(base64.b64decode(request.form["params"]).rstrip(b"\0"))
                return {"token": self._world.sign_in(said["LoginName"], said["PassWord"])}
            except (KeyError, TypeError, ValueError) as error:
                raise Refusal("invalid", "params is base64 of JSON") from error

        return self._do("read", token)

    def control(self) -> Response:
        said = self._known(request.get_json(silent=True))
        method, value, msgid = str(said.get("method")), said.get("value"), str(said.get("msgid", ""))
        if method not in _VALUES or not isinstance(value, dict) or not _VALUES[method](value):
            raise Refusal("invalid", "there is no such method, or not with this value")
        if not _MSGID.fullmatch(msgid):
            raise Refusal("invalid", "msgid is 8 to 64 letters, digits, - and _")
        return self._do("control", lambda: self._world.tell(msgid, str(said.get("meterSn")), method, value))

    def command(self) -> Response:
        self._known({})
        return self._do("read", lambda: self._world.command(request.args.get("msgid", "")))

    def state(self) -> Response:
        self._known({})

        def found() -> dict[str, Any]:
            meter = self._world.meter(request.args.get("meterSn", ""))
            return {"online": meter.online, "rssi": -67 if meter.online else None, "report": meter.last}

        return self._do("read", found)

    def readings(self) -> Response:
        self._known({})

        def found() -> list[dict[str, Any]]:
            begin, end = int(request.args["from"]), int(request.args["to"])
            numbers = [self._world.meter(one).facts.number for one in request.args.get("meterSn", "").split(",")]
            every = [one for number in numbers for one in self._world.history[number]]
            return [one for one in every if begin <= one["timestamp"] < end]

        return self._do("read", found)

    def _known(self, said: Any) -> dict[str, Any]:
        """Return what was said, by somebody whom we know. Raises Refusal."""
        token = request.headers.get("token", "")
        if "signed_out" in self._world.faults.meet("any"):
            self._world.tokens.discard(token)
        if token not in self._world.tokens:
            raise Refusal("login_required", "this token is not known")
        if not isinstance(said, dict):
            raise Refusal("invalid", "the body is a JSON object")
        return said

    def _do(self, operation: str, work: Callable[[], Any]) -> Response:
        """Do the work, with the faults that are switched on."""
        struck = self._world.faults.meet(operation)
        if "slow" in struck:
            time.sleep(struck["slow"].seconds)
        if "timeout_before" in struck:
            return _hang_up(struck["timeout_before"].seconds)
        if "error_500" in struck:
            return Response("error\n", 500)
        with self._world.lock:
            answer = work()
        if "timeout_after" in struck:
            return _hang_up(struck["timeout_after"].seconds)
        if "error_500_after" in struck:
            return Response("error\n", 500)
        return jsonify(success="1", errorCode="", errorMsg="", data=answer)


def _refuse(error: Refusal) -> Response:
    return jsonify(success="0", errorCode=error.code, errorMsg=error.detail, data=None)


def _hang_up(seconds: float) -> Response:
    time.sleep(seconds)
    request.environ[HANG_UP] = True
    return Response("")
