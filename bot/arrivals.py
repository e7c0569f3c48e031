"""The door through which every inbound message comes, whoever brings it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot import metrics
from bot.channels.twilio_form import address_of, arrival_of, heard_of
from bot.errors import where
from bot.jobs.queues import REPLY_QUEUE
from bot.logs import bound
from bot.services import Services
from bot.turns import begin, close
from domain import clock
from domain.door import Desk, Visit, is_outage, was_lost
from domain.turns import Arrival, Opening, open_turn
from flows.engine import apologise, take_turn
from flows.heard import Heard
from flows.late import take_late
from flows.turn import Turn

log = structlog.get_logger()
Take = Callable[[Turn], None]


@dataclass(frozen=True, slots=True)
class _Brought:
    """A message at the door: what Twilio says of it, when it was said, and how the conversation takes it."""

    form: Mapping[str, str]
    arrival: Arrival
    heard: Heard
    said_at: datetime
    take: Take


def take_in(services: Services, form: Mapping[str, str], said_at: datetime | None = None) -> None:
    """Take one inbound message in, as Twilio's `form` describes it: once, however often it is brought.

    With `said_at` it was said then, and reaches us late.
    Raises FormError when the form describes no message.
    """
    take = take_turn if said_at is None else take_late
    brought = _Brought(form, arrival_of(form), heard_of(form), said_at or clock.now(), take)
    try:
        waiting = _in_one_transaction(services, brought, take)
    except Exception as error:  # noqa: BLE001  whatever a flow stumbles over: the customer is answered all the same
        # Trying once more is safe: if the turn was committed after all, the message's SID is taken.
        waiting = _in_one_transaction(services, brought, _second_try(services, brought, error))
    for queue in waiting:
        services.bell.ring(queue)


def _second_try(services: Services, brought: _Brought, error: Exception) -> Take:
    """Return what to do about a turn that failed. Raises the error where only time helps: the database is away."""
    if was_lost(error):
        # The connection had died while it lay in the pool, or the server went away.
        services.door.forget_connections()
        return brought.take
    if is_outage(error):
        raise error
    metrics.turns_failed.inc()
    log.error("turn failed, the customer is asked again", error=type(error).__name__, where=where(error))
    return apologise


def _in_one_transaction(services: Services, brought: _Brought, take: Take) -> set[str]:
    """Take it in, and return the queues whose workers have something to do then."""
    channel, our_number = address_of(brought.form.get("To", ""))
    with services.door.for_visit() as visit:
        desk, opening = open_turn(visit, our_number, brought.arrival)
        if desk is None or services.accounts.sid_of(desk.account_sid_var) != brought.form.get("AccountSid"):
            visit.undo()
            metrics.unknown_numbers.inc()
            log.warning("message for a number that is not ours", channel=channel)
            return set()
        if opening is None:
            visit.undo()
            metrics.repeats.inc()
            log.info("message taken in before", provider_sid=brought.arrival.provider_sid)
            return set()
        with bound(message_id=opening.message_id, conversation_id=opening.conversation_id):
            turn = _turn(services, visit, desk, opening, brought)
            take(turn)
            sent = close(turn)
            metrics.turns.labels(channel).inc()
            kind = brought.heard.kind
            log.info("turn taken", flow=turn.talk.flow, state=turn.talk.state, replies=len(sent), kind=kind)
            return turn.wakes | ({REPLY_QUEUE} if sent else set())


def _turn(services: Services, visit: Visit, desk: Desk, opening: Opening, brought: _Brought) -> Turn:
    turn = begin(services, visit, desk, opening, brought.heard, brought.arrival.channel)
    turn.said_at = brought.said_at
    return turn
