"""Readings: what meters counted, typed by staff, and decided on where they are odd; and meters that were exchanged."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import select

from bot.api.calls import Call
from bot.api.pages import Order, page
from bot.api.payments import Words
from bot.api.routes import Resource
from bot.api.shapes import Instant, Page, PageQuery, Shape
from bot.problems import Problem
from domain.clock import now
from domain.meters import Meter
from domain.readings.deciding import CannotDecide, Decided, confirm, reject
from domain.readings.exchanging import CannotExchange, exchange
from domain.readings.tables import STAFF, Reading
from domain.readings.taking import Taken, take_readings
from domain.staff import AGENT, VIEWER

readings = Resource("readings", "Readings: what meters counted. Odd ones are held until staff has looked at them.")

State = Literal["accepted", "held", "rejected"]
Kwh = Annotated[Decimal, Field(ge=0, le=10**12, decimal_places=3)]
Number = Annotated[str, Field(max_length=64)]
_ORDER: Final = Order((Reading.id,), ("id",))
_OLDEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_REFUSED: Final = {409: "It is as wanted already, or a bill was made of it."}


class KeptReading(Shape):
    """A reading. `reason` is why it was held; `origin` is who said it, `decided_by` who of staff has looked at it."""

    id: UUID
    meter_id: UUID
    meter_no: str
    read_at: datetime
    source: Literal["actual", "estimated"]
    origin: Literal["file", "vendor", "network", "staff", "customer", "estimate"]
    kwh: Decimal
    state: State
    reason: str | None
    photo: str | None
    decided_at: datetime | None
    decided_by: str | None


class ReadingQuery(PageQuery):
    """Which readings: all that is given must hold."""

    meter_id: UUID | None = None
    meter_no: Number | None = None
    state: State | None = None
    source: Literal["actual", "estimated"] | None = None


class ReadingTyped(Shape):
    """What somebody of staff has read, now unless it is said when. `sure`: it was looked at, however odd it is."""

    meter_no: Number
    kwh: Kwh
    read_at: Instant | None = None
    sure: bool = False


class MeterExchanged(Shape):
    """That a meter was replaced by another of the same customer: what either had counted, and when."""

    new_meter_no: Number
    last_kwh: Kwh
    first_kwh: Kwh
    exchanged_at: Instant | None = None


class ExchangeMade(Shape):
    """The exchange, and the meter that is in use now."""

    id: UUID
    meter_id: UUID


class ReadingDecided(Shape):
    """Why, for whoever asks later: it stands in the audit log."""

    reason: Words | None = None


@readings.get("/readings", role=VIEWER, query=ReadingQuery, answer=Page[KeptReading])
def list_readings(call: Call, query: ReadingQuery) -> Page[KeptReading]:
    """List readings, the newest first; what waits for staff has the state `held`."""
    statement = _listed(call)
    for name in ("meter_id", "state", "source"):
        value = getattr(query, name)
        if value is not None:
            statement = statement.where(getattr(Reading, name) == value)
    if query.meter_no is not None:
        statement = statement.where(Meter.meter_no == query.meter_no)
    return page(call, statement, _ORDER, query, lambda row: _shown(*row))


@readings.get("/readings/<uuid:reading_id>", role=VIEWER, answer=KeptReading)
def show_reading(call: Call, reading_id: UUID) -> KeptReading:
    """Show a reading."""
    return _one(call, reading_id)


@readings.post("/readings", role=AGENT, body=ReadingTyped, answer=KeptReading, status=201)
def add_reading(call: Call, body: ReadingTyped) -> KeptReading:
    """Write down what a meter shows. What is odd about it is held, unless you are sure."""
    meter = _meter(call, body.meter_no, status=422)
    taken = Taken(
        meter.id, _instant(body.read_at), _wh(body.kwh), STAFF, trusted_by=_staff(call) if body.sure else None
    )
    (kept,) = take_readings(call.visit(), call.business_id, [taken])
    shown = _one(call, kept.reading_id)
    after = {"reading_id": kept.reading_id, "kwh": shown.kwh, "read_at": shown.read_at, "state": shown.state}
    call.record("reading.added", ("meter", meter.id), {}, after)
    return shown


@readings.post(
    "/readings/<uuid:reading_id>/confirm", role=AGENT, body=ReadingDecided, answer=KeptReading, problems=_REFUSED
)
def confirm_reading(call: Call, reading_id: UUID, body: ReadingDecided) -> KeptReading:
    """Say that a reading is right, however odd: the next run bills by it."""
    return _decided(call, reading_id, "reading.confirmed", body.reason)


@readings.post(
    "/readings/<uuid:reading_id>/reject", role=AGENT, body=ReadingDecided, answer=KeptReading, problems=_REFUSED
)
def reject_reading(call: Call, reading_id: UUID, body: ReadingDecided) -> KeptReading:
    """Say that a reading is wrong: nothing is made of it."""
    return _decided(call, reading_id, "reading.rejected", body.reason)


@readings.post(
    "/meters/<meter_no>/exchange",
    role=AGENT,
    body=MeterExchanged,
    answer=ExchangeMade,
    status=201,
    problems={409: "One of them was exchanged before, or they are not of the same customer."},
)
def exchange_meter(call: Call, meter_no: str, body: MeterExchanged) -> ExchangeMade:
    """Note that another meter took the place of this one. What both counted is billed together."""
    old = _meter(call, meter_no)
    registers = (_wh(body.last_kwh), _wh(body.first_kwh))
    _meter(call, body.new_meter_no)
    try:
        made, meter_id = exchange(call.visit(), meter_no, body.new_meter_no, _instant(body.exchanged_at), registers)
    except CannotExchange as error:
        raise Problem(409, error.code, "these meters can't be exchanged") from None
    call.record("meter.exchanged", ("meter", old.id), {}, body.model_dump())
    return ExchangeMade(id=made, meter_id=meter_id)


def _decided(call: Call, reading_id: UUID, action: str, reason: str | None) -> KeptReading:
    before = _one(call, reading_id)
    decide = confirm if action.endswith("confirmed") else reject
    try:
        done: Decided = decide(call.visit(), reading_id, _staff(call))
    except CannotDecide:
        raise Problem(409, "illegal_transition", f"a reading that is {before.state} can't be decided on so") from None
    why = {"reason": reason} if reason is not None else {}
    call.record(action, ("reading", reading_id), {"state": done.before}, {"state": done.after, **why})
    return _one(call, reading_id)


def _staff(call: Call) -> str:
    return f"{call.principal.kind} {call.principal.id}"


def _wh(kwh: Decimal) -> int:
    return int(kwh.scaleb(3))


def _instant(given: datetime | None) -> datetime:
    """Return when that was: now, unless it is said."""
    if given is not None and not _OLDEST <= given <= now():
        raise Problem(422, "invalid", "this has not come yet, or was too long ago to be meant")
    return given or now()


def _meter(call: Call, meter_no: str, status: int = 404) -> Meter:
    statement = select(Meter).where(Meter.business_id == call.business_id, Meter.meter_no == meter_no)
    meter = call.session.scalars(statement).one_or_none()
    if meter is None:
        raise Problem(status, "not_found", "there is no meter with this number")
    return meter


def _listed(call: Call) -> Any:
    joined = select(Reading, Meter.meter_no).join(Meter, Meter.id == Reading.meter_id)
    return joined.where(Reading.business_id == call.business_id)


def _one(call: Call, reading_id: UUID) -> KeptReading:
    statement = _listed(call).where(Reading.id == reading_id).execution_options(populate_existing=True)
    row = call.session.execute(statement).one_or_none()
    if row is None:
        raise Problem(404, "not_found", "there is no reading with this id")
    return _shown(*row)


def _shown(row: Reading, meter_no: str) -> KeptReading:
    same = ("id", "meter_id", "read_at", "source", "origin", "state", "reason", "photo", "decided_at", "decided_by")
    facts: dict[str, Any] = {name: getattr(row, name) for name in same}
    return KeptReading(**facts, meter_no=meter_no, kwh=Decimal(row.wh).scaleb(-3))
