"""Sending a command to its meter, and asking what became of it. Each may run again at any time, and does no harm."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.door import Door
from domain.dunning.cutting import obstacle_to
from domain.meters import Meter
from domain.vendors.errors import NotSupported, OutcomeUnknown, Refused, Unreachable, VendorError
from domain.vendors.meter_commands import (
    ACKNOWLEDGED,
    FAILED,
    IN_DOUBT,
    QUEUED,
    SENT,
    Came,
    MeterCommand,
    ask_later,
    move,
    reference_of,
    request_of,
)
from domain.vendors.network import Commanded
from domain.vendors.requests import CommandRequest, MeterAt
from domain.vendors.results import CommandStatus


def send_command(door: Door, vendor: Commanded, business_id: UUID, command_id: UUID) -> str | None:
    """Send a queued command, once, and return the state that it came to; None when it isn't queued.

    That it is being sent is committed first, so that a process that dies leaves it `sent`, to be asked about, and it is
    never sent twice blindly.
    """
    with door.for_business(business_id) as session:
        if not move(session, command_id, Came(SENT)):
            return None
        obstacle = obstacle_to(session, command_id)
        if obstacle is not None:
            move(session, command_id, Came(FAILED, detail=obstacle))
            return FAILED
        request = _request(session, command_id)
    return _note(door, business_id, command_id, _sent(vendor, request))


def follow_command(door: Door, vendor: Commanded, business_id: UUID, command_id: UUID) -> str | None:
    """Ask the vendor how far a command has come; return the state that it came to, None when there is no news.

    What is in doubt, or was being sent when its process died, goes back to the queue when the vendor knows nothing of
    it. Ask only after the request's time limit: until then it may still be on its way.
    """
    with door.for_business(business_id) as session:
        request = _request(session, command_id)
        state = session.scalar(select(MeterCommand.state).where(MeterCommand.id == command_id))
    if state not in {SENT, IN_DOUBT, ACKNOWLEDGED}:
        return None
    try:
        found = vendor.command_status(request.meter, reference_of(command_id))
    except VendorError:
        return None
    if found is None and state != ACKNOWLEDGED:
        return _note(door, business_id, command_id, Came(QUEUED))
    came = _note(door, business_id, command_id, _came(found)) if found is not None else None
    if came is None:
        with door.for_business(business_id) as session:
            ask_later(session, command_id)
    return came


def _sent(vendor: Commanded, request: CommandRequest) -> Came:
    try:
        return _came(vendor.command(request))
    except NotSupported:
        return Came(FAILED, detail="not_supported")
    except Refused as error:
        return Came(FAILED, detail=error.code)
    except Unreachable:
        return Came(QUEUED, detail="unreachable")
    except OutcomeUnknown as error:
        return Came(IN_DOUBT, detail=str(error))


def _came(found: CommandStatus) -> Came:
    return Came(found.state.value, found.vendor_id, found.reason)


def _note(door: Door, business_id: UUID, command_id: UUID, came: Came) -> str | None:
    with door.for_business(business_id) as session:
        return came.state if move(session, command_id, came) else None


def meter_of(session: Session, command_id: UUID) -> MeterAt:
    """Return the meter that a command is for."""
    command = session.get_one(MeterCommand, command_id)
    number = session.scalar(select(Meter.meter_no).where(Meter.id == command.meter_id)) or ""
    return MeterAt(command.business_id, command.meter_id, number)


def _request(session: Session, command_id: UUID) -> CommandRequest:
    return request_of(session.get_one(MeterCommand, command_id), meter_of(session, command_id))
