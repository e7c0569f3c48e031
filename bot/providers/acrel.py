"""ACREL's network of meters behind the port. docs/meter-network.md says which calls are public and which ours.

All commands are for later: the platform takes them, brings them to the meter when it can, and the meter's own report
says that it has done them.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, TypeVar

import structlog

from bot.providers import acrel_answers as answers
from bot.providers.acrel_transport import AcrelTransport
from bot.providers.sts_answers import BadAnswer
from bot.providers.sts_transport import NeverReached, NoAnswer
from domain.vendors.capabilities import Capability
from domain.vendors.errors import NotSupported, OutcomeUnknown, Refused, Unreachable
from domain.vendors.requests import Command, CommandRequest, MeterAt, checked_reference
from domain.vendors.results import CommandStatus, Connection, MeterReport, MeterStatus, Reading

log = structlog.get_logger()

Answer = TypeVar("Answer")
_CONTROL: Final = "/basic/currency/entry/home/control"
_UNKNOWN_REFERENCE: Final = "unknown_reference"
_MOST_METERS: Final = 100
_ABLE: Final = frozenset(
    {
        Capability.READING, Capability.READINGS, Capability.STATUS, Capability.REPORT, Capability.DISCONNECT,
        Capability.RECONNECT, Capability.TURN_ON, Capability.TURN_OFF, Capability.SET_TARIFF, Capability.SET_QUOTA,
        Capability.SET_CREDIT_LIMIT, Capability.SET_MODE, Capability.SET_COMMUNICATION, Capability.COMMAND_STATUS,
        Capability.TEST_CONNECTION,
    }
)  # fmt: skip
_METHODS: Final[Mapping[Command, tuple[str, Callable[[Mapping[str, Any]], dict[str, Any]]]]] = {
    Command.DISCONNECT: ("FORCESWITCH", lambda _: {"ForceSwitch": 0}),
    Command.RECONNECT: ("FORCESWITCH", lambda _: {"ForceSwitch": 1}),
    Command.TURN_OFF: ("FORCESWITCH", lambda _: {"ForceSwitch": 0}),
    Command.TURN_ON: ("FORCESWITCH", lambda _: {"ForceSwitch": 1}),
    Command.SET_TARIFF: ("SETTARIFF", lambda said: {"tariff": said["tariff"]}),
    Command.SET_QUOTA: ("SETQUOTA", lambda said: {"month": said["month"], "kwh": _kwh(said["watt_hours"])}),
    Command.SET_CREDIT_LIMIT: (
        "SETCREDITLIMIT", lambda said: {"credit_limit": said["minor"], "currency": said["currency"]},
    ),
    Command.SET_MODE: ("SETMODE", lambda said: {"mode": said["mode"]}),
    Command.SET_COMMUNICATION: ("SETPARA", lambda said: {"upInterval": said["report_minutes"]}),
}  # fmt: skip


class AcrelNetwork:
    """The network. A question that finds no answer is not asked again by itself: whoever asks comes back."""

    def __init__(self, transport: AcrelTransport) -> None:
        self._transport = transport

    def capabilities(self) -> frozenset[Capability]:
        """Return what the platform can do."""
        return _ABLE

    def reading(self, meter: MeterAt) -> Reading:
        """Return a meter's latest reading. Raises Refused (`no_contact`: it never reported) and Unreachable."""
        said = self.report(meter)
        if said is None or said.watt_hours is None:
            raise Refused("no_contact", "the meter has reported nothing")
        return Reading(meter.meter_no, said.at, said.watt_hours)

    def readings(self, meters: Sequence[MeterAt], since: datetime, until: datetime) -> list[Reading]:
        """Return readings of up to 100 meters. Raises Refused, Unreachable, and ValueError for more meters."""
        if not 1 <= len(meters) <= _MOST_METERS:
            raise ValueError(f"readings are asked of 1 to {_MOST_METERS} meters, not {len(meters)}")
        numbers = ",".join(meter.meter_no for meter in meters)
        query = {"meterSn": numbers, "from": _milliseconds(since), "to": _milliseconds(until)}
        return self._ask("/raseed/readings", query, answers.readings)

    def status(self, meter: MeterAt) -> MeterStatus:
        """Return how a meter is. Raises Refused and Unreachable."""
        return self._ask("/raseed/state", _of(meter), lambda data: answers.status(data, meter.meter_no))

    def report(self, meter: MeterAt) -> MeterReport | None:
        """Return what a meter reported last. Raises Refused and Unreachable."""
        return self._ask("/raseed/state", _of(meter), answers.report)

    def command(self, request: CommandRequest) -> CommandStatus:
        """Tell a meter to do something. Raises NotSupported, Refused, Unreachable and OutcomeUnknown."""
        if request.command not in _METHODS:
            raise NotSupported(Capability(request.command.value))
        method, value = _METHODS[request.command]
        number = request.meter.meter_no
        document = {"gatewaySn": number, "meterSn": number, "method": method, "value": value(request.settings or {})}
        return self._do(request.reference, {**document, "msgid": request.reference})

    def command_status(self, meter: MeterAt, reference: str) -> CommandStatus | None:  # noqa: ARG002  ours is enough
        """Return how far a command has come, by our reference. Raises Refused and Unreachable."""
        query = {"msgid": checked_reference(reference)}
        try:
            return self._ask("/raseed/command", query, lambda data: answers.command_status(data, reference))
        except Refused as error:
            if error.code == _UNKNOWN_REFERENCE:
                return None
            raise

    def test_connection(self) -> Connection:
        """Sign in. Raises Refused and Unreachable."""
        try:
            self._transport.sign_in()
        except (NeverReached, NoAnswer) as error:
            raise Unreachable(str(error)) from error
        return Connection("ACREL", _ABLE)

    def _ask(self, path: str, query: Mapping[str, str], read: Callable[[Any], Answer]) -> Answer:
        try:
            return read(self._transport.ask(path, query))
        except (NeverReached, NoAnswer, BadAnswer) as error:
            raise Unreachable(str(error)) from error

    def _do(self, reference: str, document: Mapping[str, Any]) -> CommandStatus:
        """Have something done, once: never again, whatever comes of it."""
        told = log.bind(doing=document["method"], reference=reference)
        try:
            made = answers.command_status(self._transport.tell(_CONTROL, document), reference)
        except Refused as error:
            told.info("the network refused", code=error.code)
            raise
        except NeverReached as error:
            told.warning("the network was not reached", why=str(error))
            raise Unreachable(str(error)) from error
        except (NoAnswer, BadAnswer) as error:
            told.warning("nobody knows whether the network took it", why=str(error))
            raise OutcomeUnknown(reference, str(error)) from error
        told.info("the network took it")
        return made


def _of(meter: MeterAt) -> dict[str, str]:
    return {"meterSn": meter.meter_no}


def _milliseconds(at: datetime) -> str:
    return str(int(at.timestamp() * 1000))


def _kwh(watt_hours: int) -> str:
    return str(Decimal(watt_hours) / 1000)
