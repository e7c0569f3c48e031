"""The token vendor behind HTTP. docs/vendor-api.md says what goes over the wire."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import quote

import structlog
from urllib3.exceptions import MaxRetryError
from urllib3.util import Retry
from urllib3.util.retry import RequestHistory

from bot.providers import sts_answers as answers
from bot.providers.sts_answers import BadAnswer
from bot.providers.sts_transport import NeverReached, NoAnswer, Transport
from domain.vendors.capabilities import EVERYTHING, Capability
from domain.vendors.errors import NotSupported, OutcomeUnknown, Refused, Unreachable
from domain.vendors.requests import ChargeRequest, CommandRequest, MaintenanceRequest, MeterAt, checked_reference
from domain.vendors.results import (
    Balance,
    Charge,
    CommandStatus,
    Connection,
    MaintenanceCode,
    MeterStatus,
    Reading,
    TokenCheck,
)

log = structlog.get_logger()
Answer = TypeVar("Answer")
_BACKOFF_SECONDS = 0.2
_LONGEST_BACKOFF_SECONDS = 5.0
_JITTER_SECONDS = 0.3
# urllib3 asks a second time at once, and waits before the third; we wait before the second too.
_ONE_BEFORE = (RequestHistory("GET", None, None, None, None),)
_MOST_METERS = 100
_UNKNOWN_REFERENCE = "unknown_reference"
_NOT_SUPPORTED = "not_supported"


class HttpVendor:
    """A vendor that speaks the API of docs/vendor-api.md. `read_retries`: so often is a question asked again."""

    def __init__(self, transport: Transport, read_retries: int = 3) -> None:
        self._transport = transport
        self._retry = Retry(
            total=read_retries,
            backoff_factor=_BACKOFF_SECONDS,
            backoff_max=_LONGEST_BACKOFF_SECONDS,
            backoff_jitter=_JITTER_SECONDS,
            history=_ONE_BEFORE,
        )

    def capabilities(self) -> frozenset[Capability]:
        """Return everything: the API has a call for each. One that the vendor leaves out is refused by it."""
        return EVERYTHING

    def charge(self, request: ChargeRequest) -> Charge:
        """Issue tokens. Raises Refused, Unreachable and OutcomeUnknown."""
        document = {"reference": request.reference, "meter_no": request.meter.meter_no, "units": request.units}
        made = self._do(request.reference, Capability.CHARGE, "/v1/charges", document, answers.charge)
        if (made.meter_no, made.units) != (request.meter.meter_no, request.units):
            raise OutcomeUnknown(request.reference, "the answer is about another charge")
        return made

    def verify_charge(self, meter: MeterAt, reference: str) -> Charge | None:  # noqa: ARG002  the reference is enough
        """Return the charge made with `reference`. Raises Refused and Unreachable."""
        return self._find(Capability.VERIFY_CHARGE, "/v1/charges", reference, answers.charge)

    def reading(self, meter: MeterAt) -> Reading:
        """Return the latest reading. Raises Refused and Unreachable."""
        return self._ask(Capability.READING, f"{_path(meter)}/reading", None, answers.reading)

    def readings(self, meters: Sequence[MeterAt], since: datetime, until: datetime) -> list[Reading]:
        """Return readings of up to 100 meters. Raises Refused, Unreachable, and ValueError for more meters."""
        if not 1 <= len(meters) <= _MOST_METERS:
            raise ValueError(f"readings are asked of 1 to {_MOST_METERS} meters, not {len(meters)}")
        numbers = [meter.meter_no for meter in meters]
        query: dict[str, str | list[str]] = {"meter": numbers, "since": since.isoformat(), "until": until.isoformat()}
        return self._ask(Capability.READINGS, "/v1/readings", query, answers.readings)

    def status(self, meter: MeterAt) -> MeterStatus:
        """Return how a meter is. Raises Refused and Unreachable."""
        return self._ask(Capability.STATUS, f"{_path(meter)}/status", None, answers.status)

    def balance(self, meter: MeterAt) -> Balance:
        """Return the credit left on a meter. Raises Refused and Unreachable."""
        return self._ask(Capability.BALANCE, f"{_path(meter)}/balance", None, answers.balance)

    def maintenance_code(self, request: MaintenanceRequest) -> MaintenanceCode:
        """Get a code for somebody at the meter. Raises Refused, Unreachable and OutcomeUnknown."""
        document = {
            "reference": request.reference,
            "meter_no": request.meter.meter_no,
            "purpose": request.purpose.value,
            "minutes": request.minutes,
        }
        ability = Capability.MAINTENANCE_CODE
        return self._do(request.reference, ability, "/v1/maintenance-codes", document, answers.maintenance_code)

    def command(self, request: CommandRequest) -> CommandStatus:
        """Tell a meter to do something. Raises NotSupported, Refused, Unreachable and OutcomeUnknown."""
        if request.settings is not None:
            raise NotSupported(Capability(request.command.value))
        document = {
            "reference": request.reference,
            "meter_no": request.meter.meter_no,
            "command": request.command.value,
            "reason": request.reason,
            "amperes": request.amperes,
        }
        ability = Capability(request.command.value)
        return self._do(request.reference, ability, "/v1/commands", document, answers.command_status)

    def command_status(self, meter: MeterAt, reference: str) -> CommandStatus | None:  # noqa: ARG002  as above
        """Return how far a command has come. Raises Refused and Unreachable."""
        return self._find(Capability.COMMAND_STATUS, "/v1/commands", reference, answers.command_status)

    def check_token(self, meter: MeterAt, digits: str) -> TokenCheck:
        """Ask what a token is to a meter, once: digits stand in no address, so it is posted.

        Raises Refused and Unreachable.
        """
        try:
            document = {"meter_no": meter.meter_no, "digits": digits}
            return answers.token_check(self._transport.tell("/v1/token-checks", document))
        except Refused as error:
            raise _said_no(error, Capability.CHECK_TOKEN) from error
        except (NeverReached, NoAnswer, BadAnswer) as error:
            raise Unreachable(str(error)) from error

    def test_connection(self) -> Connection:
        """Ask for nothing, once. Raises Refused and Unreachable."""
        try:
            return answers.connection(self._transport.ask("/v1/ping"))
        except (NeverReached, NoAnswer, BadAnswer) as error:
            raise Unreachable(str(error)) from error

    def _find(
        self, ability: Capability, path: str, reference: str, read: Callable[[dict[str, Any], str], Answer]
    ) -> Answer | None:
        checked_reference(reference)
        try:
            return self._ask(ability, f"{path}/{reference}", None, lambda document: read(document, reference))
        except Refused as error:
            if error.code == _UNKNOWN_REFERENCE:
                return None
            raise

    def _ask(
        self,
        ability: Capability,
        path: str,
        query: Mapping[str, str | list[str]] | None,
        read: Callable[[dict[str, Any]], Answer],
    ) -> Answer:
        """Ask, and ask again: a question changes nothing. Each time it is signed anew, as the vendor demands."""
        retry = self._retry
        while True:
            try:
                return read(self._transport.ask(path, query))
            except Refused as error:
                raise _said_no(error, ability) from error
            except (NeverReached, NoAnswer, BadAnswer) as error:
                try:
                    retry = retry.increment(method="GET", url=path, error=error)
                except MaxRetryError:
                    raise Unreachable(str(error)) from error
                retry.sleep()

    def _do(
        self,
        reference: str,
        ability: Capability,
        path: str,
        document: Mapping[str, Any],
        read: Callable[[dict[str, Any], str], Answer],
    ) -> Answer:
        """Have something done, once: never again, whatever comes of it."""
        told = log.bind(doing=ability.value, reference=reference)
        try:
            made = read(self._transport.tell(path, document), reference)
        except Refused as error:
            told.info("the vendor refused", code=error.code)
            raise _said_no(error, ability) from error
        except NeverReached as error:
            told.warning("the vendor was not reached", why=str(error))
            raise Unreachable(str(error)) from error
        except (NoAnswer, BadAnswer) as error:
            told.warning("nobody knows whether the vendor did it", why=str(error))
            raise OutcomeUnknown(reference, str(error)) from error
        told.info("the vendor did it")
        return made


def _said_no(error: Refused, ability: Capability) -> Refused | NotSupported:
    return NotSupported(ability) if error.code == _NOT_SUPPORTED else error


def _path(meter: MeterAt) -> str:
    return f"/v1/meters/{quote(meter.meter_no, safe='')}"
