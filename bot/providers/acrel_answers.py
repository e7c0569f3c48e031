"""ACREL's documents, read into the port's results. What isn't as agreed raises BadAnswer."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from bot.providers.sts_answers import BadAnswer
from domain.vendors.results import CommandState, CommandStatus, Link, MeterReport, MeterStatus, Reading

_WATT_HOURS: Final = 1000
# As the platform names how far a command has come. What the meter itself says is not among them: only reports confirm.
_STATES: Final[Mapping[str, CommandState]] = {
    "waiting": CommandState.ACKNOWLEDGED,
    "delivered": CommandState.ACKNOWLEDGED,
    "done": CommandState.ACKNOWLEDGED,
    "refused": CommandState.FAILED,
    "expired": CommandState.FAILED,
}
_REPORT_MOST: Final = 500


class _Document(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Quota(_Document):
    month: str = Field(pattern=r"^\d{4}-\d{2}$")
    kwh: Decimal = Field(ge=0)


class _Para(_Document):
    """What a meter keeps: by our contract, not the vendor's public one."""

    tariff: str | None = None
    quota: _Quota | None = None
    credit_limit: Decimal | None = None
    currency: str | None = None
    mode: Literal["prepaid", "postpaid"] | None = None
    up_interval: int | None = Field(default=None, alias="upInterval")


class _Report(_Document):
    """A push, as the platform sends it: counters in kWh, the relay as 1 (closed) or 0, the time in milliseconds."""

    meter_sn: str = Field(alias="meterSn", min_length=1, max_length=64)
    timestamp: int = Field(ge=0, le=10**14)
    epi: Decimal | None = Field(None, alias="EPI", ge=0, le=10**9)
    do1: Literal[0, 1] | None = Field(None, alias="DO1")
    para: _Para = Field(default_factory=lambda: _Para.model_validate({}))


class _Command(_Document):
    msgid: str
    id: str = Field(min_length=1, max_length=100)
    state: Literal["waiting", "delivered", "done", "refused", "expired"]
    reason: str | None = None


class _State(_Document):
    online: bool
    rssi: int | None = None
    report: _Report | None = None


_REPORTS: Final[TypeAdapter[Any]] = TypeAdapter(list[_Report])


def pushed(said: object) -> list[MeterReport]:
    """Read what was pushed: one report, or up to 500. Raises BadAnswer."""
    listed = said if isinstance(said, list) else [said]
    if not 1 <= len(listed) <= _REPORT_MOST:
        raise BadAnswer(f"1 to {_REPORT_MOST} reports, not {len(listed)}")
    return [_reported(one) for one in _read(lambda: _REPORTS.validate_python(listed))]


def command_status(data: object, reference: str) -> CommandStatus:
    """Read how far a command has come. Raises BadAnswer."""
    found = _read(lambda: _Command.model_validate(data))
    if found.msgid != reference:
        raise BadAnswer("the answer is about another reference")
    reason = found.reason or (found.state if _STATES[found.state] is CommandState.FAILED else None)
    return CommandStatus(reference, found.id, "", _STATES[found.state], reason)


def readings(data: object) -> list[Reading]:
    """Read many, and sort them by meter and time. Raises BadAnswer."""
    found = [_reported(one) for one in _read(lambda: _REPORTS.validate_python(data))]
    counted = [Reading(one.meter_no, one.at, one.watt_hours) for one in found if one.watt_hours is not None]
    return sorted(counted, key=lambda one: (one.meter_no, one.read_at))


def report(data: object) -> MeterReport | None:
    """Read what a meter reported last, None where it never did. Raises BadAnswer."""
    found = _read(lambda: _State.model_validate(data)).report
    return _reported(found) if found is not None else None


def status(data: object, meter_no: str) -> MeterStatus:
    """Read how a meter is. Raises BadAnswer."""
    found = _read(lambda: _State.model_validate(data))
    said = _reported(found.report) if found.report is not None else None
    supplied = bool(said and said.supplied)
    return MeterStatus(meter_no, found.online, supplied, Link.RF, None, found.rssi, said.at if said else None, None)


def _reported(one: _Report) -> MeterReport:
    at = datetime.fromtimestamp(one.timestamp / 1000, UTC)
    counted = None if one.epi is None else int(one.epi * _WATT_HOURS)
    supplied = None if one.do1 is None else bool(one.do1)
    return MeterReport(one.meter_sn, at, counted, supplied, dict(_settings(one.para)))


def _settings(para: _Para) -> dict[str, Any]:
    """Return what a meter keeps, as the commands name it that told it."""
    said: dict[str, Any] = {}
    if para.tariff is not None:
        said["set_tariff"] = {"tariff": para.tariff}
    if para.quota is not None:
        said["set_quota"] = {"month": para.quota.month, "watt_hours": int(para.quota.kwh * _WATT_HOURS)}
    if para.credit_limit is not None and para.currency is not None:
        said["set_credit_limit"] = {"minor": int(para.credit_limit), "currency": para.currency}
    if para.mode is not None:
        said["set_mode"] = {"mode": para.mode}
    if para.up_interval is not None:
        said["set_communication"] = {"report_minutes": para.up_interval}
    return said


def _read(read: Any) -> Any:
    try:
        return read()
    except (ValidationError, OverflowError, ValueError) as error:
        raise BadAnswer("the answer is not as agreed") from error
