"""Meters: what is known of them, what the vendor says of them now, and what they are told."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Literal, TypeVar
from uuid import UUID

from pydantic import Field
from sqlalchemy import select

from bot.api.calls import Call
from bot.api.pages import Order, page
from bot.api.routes import Resource
from bot.api.shapes import Instant, Page, PageQuery, Shape
from bot.api.subscriptions import Words
from bot.api.vendor import Asking, HasBalances, network_of, vendor_of
from bot.problems import Problem
from domain import clock
from domain.bearers import STAFF
from domain.businesses import currency_of
from domain.customers import Customer
from domain.dunning.days import is_overdue, may_cut_today
from domain.meters import ACREL, Meter
from domain.staff import ADMIN, AGENT, VIEWER
from domain.vendors.errors import NotSupported, OutcomeUnknown, Refused, Unreachable
from domain.vendors.meter_commands import MeterCommand
from domain.vendors.reports import state_of
from domain.vendors.requests import Command, MaintenanceRequest, MeterAt, Purpose

meters = Resource("meters", "Meters: how they are, and what they are told. What they say is asked of the vendor now.")

Minor = Annotated[int, Field(ge=0, le=10**12)]
Number = Annotated[str, Field(max_length=64)]
Asked = TypeVar("Asked")
_ORDER: Final = Order((Meter.meter_no,), ("meter_no",), descending=False)
_COMMANDS: Final = Order((MeterCommand.id,), ("id",))
_VENDOR: Final = {409: "The vendor, or this meter, can't do that; or it is refused: `code` says.",
                  502: "The vendor gave no answer."}  # fmt: skip
_LONGEST: Final = timedelta(days=31)
_NO_METER_BEFORE: Final = datetime(2000, 1, 1, tzinfo=UTC)


class MeterShown(Shape):
    """A meter."""

    id: UUID
    meter_no: str
    customer_id: UUID
    nickname: str | None
    area: str | None
    kind: Literal["prepaid", "postpaid"]
    network: Literal["sts", "acrel", "manual"]
    tariff: str | None
    active: bool


class MeterQuery(PageQuery):
    """Which meters: all that is given must hold."""

    customer_id: UUID | None = None
    meter_no: Number | None = None


class StatusShown(Shape):
    """How a meter is: `connected` to the vendor, `supplied` with electricity."""

    meter_no: str
    connected: bool
    supplied: bool
    link: Literal["rf", "wired", "none"]
    concentrator_id: str | None
    signal_dbm: int | None
    last_contact_at: datetime | None
    amperes: int | None


class BalanceShown(Shape):
    """The credit left on a meter, in watt-hours."""

    meter_no: str
    watt_hours: int
    at: datetime


class ReadingShown(Shape):
    """What a meter had counted at an instant, in watt-hours."""

    meter_no: str
    read_at: datetime
    watt_hours: int


class ReadingsShown(Shape):
    """Readings, the oldest first."""

    items: list[ReadingShown]


class ReadingsQuery(Shape):
    """Of which time: the last day, unless it is said. At most 31 days."""

    since: Instant | None = None
    until: Instant | None = None


class CommandAsked(Shape):
    """Why a meter is told something."""

    reason: Words


class AmperageAsked(CommandAsked):
    """Why, and to how many amperes."""

    amperes: int = Field(ge=1, le=200)


class DisconnectAsked(CommandAsked):
    """Why a meter is disconnected. Where it is not said, it is for a debt if anything is overdue.

    For a debt nobody is disconnected on a day on which nobody comes, or the day before one.
    """

    because: Literal["debt", "asked", "safety"] | None = None


class TariffSet(CommandAsked):
    """Which tariff a meter shows and counts by."""

    tariff: str = Field(min_length=1, max_length=40)


class QuotaSet(CommandAsked):
    """How many watt-hours a meter gives away in a month."""

    month: str = Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")
    watt_hours: int = Field(ge=0, le=10**9)


class CreditLimitSet(CommandAsked):
    """Up to which debt a meter goes on."""

    credit_limit: Minor = Field(description="In minor units of the business's currency.")


class ModeSet(CommandAsked):
    """Whether a meter stops when its credit is used up."""

    mode: Literal["prepaid", "postpaid"]


class CommunicationSet(CommandAsked):
    """How often a meter reports."""

    report_minutes: int = Field(ge=1, le=1440)


class StateShown(Shape):
    """How a meter is by what it reported last, and what it keeps, by the names of the commands that told it."""

    meter_no: str
    at: datetime
    watt_hours: int | None
    supplied: bool | None
    settings: dict[str, dict[str, str | int]]


class CommandQueued(Shape):
    """By which id it can be seen how far the command has come."""

    command_id: UUID


class CommandShown(Shape):
    """A command to a meter, and how far it has come. `detail` says why it failed."""

    id: UUID
    created_at: datetime
    meter_id: UUID
    staff_id: UUID | None
    command: str
    amperes: int | None
    settings: dict[str, str | int] | None
    invoice_id: UUID | None
    reason: str
    state: Literal["queued", "sent", "acknowledged", "confirmed", "failed", "in_doubt"]
    state_at: datetime
    vendor_id: str | None
    detail: str | None


class CommandQuery(PageQuery):
    """Which commands: all that is given must hold."""

    meter_id: UUID | None = None
    state: Literal["queued", "sent", "acknowledged", "confirmed", "failed", "in_doubt"] | None = None


class CodeAsked(CommandAsked):
    """What a maintenance code is for, and for how many minutes."""

    purpose: Literal["clear_tamper", "clear_credit", "service"]
    minutes: int = Field(60, ge=1, le=1440)


class CodeShown(Shape):
    """A code for somebody at the meter."""

    code: str
    expires_at: datetime


@meters.get("/meters", role=VIEWER, query=MeterQuery, answer=Page[MeterShown])
def list_meters(call: Call, query: MeterQuery) -> Page[MeterShown]:
    """List meters, by number."""
    statement = select(Meter).where(Meter.business_id == call.business_id)
    for name in ("customer_id", "meter_no"):
        value = getattr(query, name)
        if value is not None:
            statement = statement.where(getattr(Meter, name) == value)
    return page(call, statement, _ORDER, query, lambda row: MeterShown.model_validate(row[0]))


@meters.get("/meters/<meter_no>", role=VIEWER, answer=MeterShown)
def show_meter(call: Call, meter_no: str) -> MeterShown:
    """Show a meter."""
    return MeterShown.model_validate(_found(call, meter_no)[0])


@meters.get("/meters/<meter_no>/status", role=VIEWER, answer=StatusShown, problems=_VENDOR)
def show_meter_status(call: Call, meter_no: str) -> StatusShown:
    """Ask the vendor how a meter is."""
    at, asked = _let_go(call, meter_no)
    return StatusShown.model_validate(_asked(lambda: asked.status(at)))


@meters.get("/meters/<meter_no>/state", role=VIEWER, answer=StateShown)
def show_meter_state(call: Call, meter_no: str) -> StateShown:
    """Show how a meter is by its own report; asks nobody."""
    meter, _ = _found(call, meter_no)
    state = state_of(call.visit(), meter.id)
    if state is None:
        raise Problem(404, "never_reported", "this meter has never reported")
    return StateShown.model_validate({"meter_no": meter_no, **asdict(state)})


@meters.get("/meters/<meter_no>/balance", role=VIEWER, answer=BalanceShown, problems=_VENDOR)
def show_meter_balance(call: Call, meter_no: str) -> BalanceShown:
    """Ask the vendor what is left on a meter."""
    at, asked = _let_go(call, meter_no)
    if not isinstance(asked, HasBalances):
        raise Problem(409, "not_supported", "there is no credit on this meter")
    return BalanceShown.model_validate(_asked(lambda: asked.balance(at)))


@meters.get(
    "/meters/<meter_no>/readings", role=VIEWER, query=ReadingsQuery, answer=ReadingsShown, problems=_VENDOR
)  # fmt: skip
def list_meter_readings(call: Call, meter_no: str, query: ReadingsQuery) -> ReadingsShown:
    """Ask the vendor for a meter's readings."""
    until = max(query.until or clock.now(), _NO_METER_BEFORE)
    since = max(query.since or until - timedelta(days=1), until - _LONGEST)
    at, asked = _let_go(call, meter_no)
    found = _asked(lambda: asked.readings([at], since, until))
    return ReadingsShown(items=[ReadingShown.model_validate(one) for one in found])


@meters.post(
    "/meters/<meter_no>/disconnect", role=ADMIN, body=DisconnectAsked, answer=CommandQueued, status=202,
    problems=_VENDOR,
)  # fmt: skip
def disconnect_meter(call: Call, meter_no: str, body: DisconnectAsked) -> CommandQueued:
    """Disconnect a meter. Refused for a protected customer, and for a debt on or before a day on which nobody comes."""
    return _command(call, meter_no, Command.DISCONNECT, body)


@meters.post(
    "/meters/<meter_no>/reconnect", role=AGENT, body=CommandAsked, answer=CommandQueued, status=202, problems=_VENDOR
)  # fmt: skip
def reconnect_meter(call: Call, meter_no: str, body: CommandAsked) -> CommandQueued:
    """Reconnect a meter."""
    return _command(call, meter_no, Command.RECONNECT, body)


@meters.post(
    "/meters/<meter_no>/reduce-amperage", role=ADMIN, body=AmperageAsked, answer=CommandQueued, status=202,
    problems=_VENDOR,
)  # fmt: skip
def reduce_amperage(call: Call, meter_no: str, body: AmperageAsked) -> CommandQueued:
    """Lower how much a meter lets through. Refused for a protected customer."""
    return _command(call, meter_no, Command.REDUCE_AMPERAGE, body, body.amperes)


@meters.post(
    "/meters/<meter_no>/increase-amperage", role=AGENT, body=AmperageAsked, answer=CommandQueued, status=202,
    problems=_VENDOR,
)  # fmt: skip
def increase_amperage(call: Call, meter_no: str, body: AmperageAsked) -> CommandQueued:
    """Raise how much a meter lets through."""
    return _command(call, meter_no, Command.INCREASE_AMPERAGE, body, body.amperes)


@meters.post(
    "/meters/<meter_no>/turn-on", role=AGENT, body=CommandAsked, answer=CommandQueued, status=202, problems=_VENDOR
)  # fmt: skip
def turn_meter_on(call: Call, meter_no: str, body: CommandAsked) -> CommandQueued:
    """Turn a meter on."""
    return _command(call, meter_no, Command.TURN_ON, body)


@meters.post(
    "/meters/<meter_no>/turn-off", role=ADMIN, body=CommandAsked, answer=CommandQueued, status=202, problems=_VENDOR
)  # fmt: skip
def turn_meter_off(call: Call, meter_no: str, body: CommandAsked) -> CommandQueued:
    """Turn a meter off. Refused for a protected customer."""
    return _command(call, meter_no, Command.TURN_OFF, body)


@meters.post(
    "/meters/<meter_no>/set-tariff", role=ADMIN, body=TariffSet, answer=CommandQueued, status=202, problems=_VENDOR
)  # fmt: skip
def set_meter_tariff(call: Call, meter_no: str, body: TariffSet) -> CommandQueued:
    """Tell a meter on a network its tariff."""
    return _command(call, meter_no, Command.SET_TARIFF, body, settings={"tariff": body.tariff})


@meters.post(
    "/meters/<meter_no>/set-quota", role=ADMIN, body=QuotaSet, answer=CommandQueued, status=202, problems=_VENDOR
)  # fmt: skip
def set_meter_quota(call: Call, meter_no: str, body: QuotaSet) -> CommandQueued:
    """Tell a meter on a network what it gives away in a month."""
    settings = {"month": body.month, "watt_hours": body.watt_hours}
    return _command(call, meter_no, Command.SET_QUOTA, body, settings=settings)


@meters.post(
    "/meters/<meter_no>/set-credit-limit",
    role=ADMIN,
    body=CreditLimitSet,
    answer=CommandQueued,
    status=202,
    problems=_VENDOR,
)
def set_meter_credit_limit(call: Call, meter_no: str, body: CreditLimitSet) -> CommandQueued:
    """Tell a meter on a network up to which debt it goes on."""
    settings = {"minor": body.credit_limit, "currency": currency_of(call.visit(), call.business_id)}
    return _command(call, meter_no, Command.SET_CREDIT_LIMIT, body, settings=settings)


@meters.post(
    "/meters/<meter_no>/set-mode", role=ADMIN, body=ModeSet, answer=CommandQueued, status=202, problems=_VENDOR
)  # fmt: skip
def set_meter_mode(call: Call, meter_no: str, body: ModeSet) -> CommandQueued:
    """Tell a meter on a network whether it is prepaid. Refused for a protected customer's: it would stop by itself."""
    if body.mode == "prepaid" and _found(call, meter_no)[1]:
        raise Problem(409, "protected_customer", "this customer is protected: nothing may take their electricity away")
    return _command(call, meter_no, Command.SET_MODE, body, settings={"mode": body.mode})


@meters.post(
    "/meters/<meter_no>/set-communication",
    role=ADMIN,
    body=CommunicationSet,
    answer=CommandQueued,
    status=202,
    problems=_VENDOR,
)
def set_meter_communication(call: Call, meter_no: str, body: CommunicationSet) -> CommandQueued:
    """Tell a meter on a network how often it reports."""
    settings = {"report_minutes": body.report_minutes}
    return _command(call, meter_no, Command.SET_COMMUNICATION, body, settings=settings)


@meters.post("/meters/<meter_no>/maintenance-code", role=AGENT, body=CodeAsked, answer=CodeShown, problems=_VENDOR)
def make_maintenance_code(call: Call, meter_no: str, body: CodeAsked) -> CodeShown:
    """Get a code for somebody at the meter. The log says who asked for it and why, never the code."""
    meter, _ = _found(call, meter_no)
    vendor, reference = vendor_of(call), str(call.reference())
    request = MaintenanceRequest(reference, _at(meter), Purpose(body.purpose), body.minutes)
    asked = {"purpose": body.purpose, "minutes": body.minutes, "reason": body.reason, "reference": reference}
    call.record("meter.maintenance_code", ("meter", meter.id), {}, asked)
    with call.away():
        code = _asked(lambda: vendor.maintenance_code(request))
    return CodeShown(code=code.code, expires_at=code.expires_at)


@meters.get("/meter-commands", role=VIEWER, query=CommandQuery, answer=Page[CommandShown])
def list_meter_commands(call: Call, query: CommandQuery) -> Page[CommandShown]:
    """List commands to meters, the newest first."""
    statement = select(MeterCommand).where(MeterCommand.business_id == call.business_id)
    for name in ("meter_id", "state"):
        value = getattr(query, name)
        if value is not None:
            statement = statement.where(getattr(MeterCommand, name) == value)
    return page(call, statement, _COMMANDS, query, lambda row: CommandShown.model_validate(row[0]))


@meters.get("/meter-commands/<uuid:command_id>", role=VIEWER, answer=CommandShown)
def show_meter_command(call: Call, command_id: UUID) -> CommandShown:
    """Show how far a command has come."""
    statement = select(MeterCommand).where(MeterCommand.business_id == call.business_id, MeterCommand.id == command_id)
    found = call.session.scalars(statement).one_or_none()
    if found is None:
        raise Problem(404, "not_found", "there is no command with this id")
    return CommandShown.model_validate(found)


_HARMS: Final = (Command.DISCONNECT, Command.TURN_OFF, Command.REDUCE_AMPERAGE)


def _command(
    call: Call,
    meter_no: str,
    command: Command,
    body: CommandAsked,
    amperes: int | None = None,
    settings: dict[str, Any] | None = None,
) -> CommandQueued:
    """Write a command down, for a worker to send."""
    meter, protected = _found(call, meter_no)
    if meter.network != ACREL and settings is not None:
        raise Problem(409, "not_supported", "only meters on a network keep what they are told")
    if meter.network == ACREL:
        network_of(call)
    if protected and command in _HARMS:
        raise Problem(409, "protected_customer", "this customer is protected: nothing may take their electricity away")
    for_debt = isinstance(body, DisconnectAsked) and _for_debt(call, meter_no, body)
    row = MeterCommand(
        business_id=call.business_id, meter_id=meter.id, command=command.value, amperes=amperes, reason=body.reason,
        settings=settings, for_debt=for_debt,
        staff_id=call.principal.id if call.principal.kind == STAFF else None,
    )  # fmt: skip
    call.session.add(row)
    call.session.flush()
    after = {"command": command.value, "amperes": amperes, "reason": body.reason, "command_id": str(row.id)}
    after |= settings or {}
    call.record(f"meter.{command.value}", ("meter", meter.id), {}, after)
    return CommandQueued(command_id=row.id)


def _for_debt(call: Call, meter_no: str, body: DisconnectAsked) -> bool:
    """Tell whether it is for a debt that we know of. For a debt it is refused on or before a day on which nobody comes.

    Raises Problem.
    """
    visit = call.visit()
    overdue = is_overdue(visit, call.business_id, meter_no)
    for_debt = body.because == "debt" or (body.because is None and overdue)
    if for_debt and not may_cut_today(visit, call.business_id):
        raise Problem(409, "day_off_ahead", "for a debt nobody is disconnected on or before a weekend or a holiday")
    return for_debt and overdue


def _found(call: Call, meter_no: str) -> tuple[Meter, bool]:
    statement = select(Meter, Customer.protected).join(Customer, Customer.id == Meter.customer_id)
    own = statement.where(Meter.business_id == call.business_id, Meter.meter_no == meter_no)
    row = call.session.execute(own).one_or_none()
    if row is None:
        raise Problem(404, "not_found", "there is no meter with this number")
    return row[0], row[1]


def _at(meter: Meter) -> MeterAt:
    return MeterAt(meter.business_id, meter.id, meter.meter_no)


def _let_go(call: Call, meter_no: str) -> tuple[MeterAt, Asking]:
    """Return the meter, and who knows of it; and end the transaction: no connection is held while that one is asked."""
    meter = _found(call, meter_no)[0]
    at, asked = _at(meter), network_of(call) if meter.network == ACREL else vendor_of(call)
    call.session.commit()
    return at, asked


def _asked(ask: Callable[[], Asked]) -> Asked:
    """Ask the vendor; answer what it can't tell as a problem."""
    try:
        return ask()
    except NotSupported as error:
        raise Problem(409, "not_supported", str(error)) from None
    except Refused as error:
        raise Problem(409, error.code, "the vendor refuses that") from None
    except (Unreachable, OutcomeUnknown):
        raise Problem(502, "vendor_unreachable", "the vendor gave no answer") from None
