"""The door through which every inbound message comes, whoever brings it."""

from collections.abc import Callable, Mapping
from uuid import UUID

import structlog

from bot import metrics
from bot.channels.twilio_form import address_of, arrival_of, heard_of
from bot.errors import where
from bot.jobs.queues import OUTBOX
from bot.logs import bound
from bot.services import Services
from bot.turns import close
from domain.door import is_outage, was_lost
from domain.turns import Arrival, open_turn
from flows.engine import apologise, take_turn
from flows.heard import Heard
from flows.turn import Turn

log = structlog.get_logger()
Take = Callable[[Turn], None]


def take_in(services: Services, form: Mapping[str, str]) -> None:
    """Take one inbound message in, as Twilio's `form` describes it: once, however often it is brought.

    Raises FormError when the form describes no message.
    """
    arrival, heard = arrival_of(form), heard_of(form)
    try:
        waiting = _in_one_transaction(services, form, arrival, heard, take_turn)
    except Exception as error:  # noqa: BLE001  whatever a flow stumbles over: the customer is answered all the same
        # Trying once more is safe: if the turn was committed after all, the message's SID is taken.
        waiting = _in_one_transaction(services, form, arrival, heard, _second_try(services, error))
    if waiting:
        services.bell.ring(OUTBOX)


def _second_try(services: Services, error: Exception) -> Take:
    """Return what to do about a turn that failed. Raises the error where only time helps: the database is away."""
    if was_lost(error):
        # The connection had died while it lay in the pool, or the server went away.
        services.door.forget_connections()
        return take_turn
    if is_outage(error):
        raise error
    metrics.turns_failed.inc()
    log.error("turn failed, the customer is asked again", error=type(error).__name__, where=where(error))
    return apologise


def _in_one_transaction(
    services: Services, form: Mapping[str, str], arrival: Arrival, heard: Heard, take: Take
) -> list[UUID]:
    channel, our_number = address_of(form.get("To", ""))
    with services.door.for_visit() as visit:
        desk, opening = open_turn(visit, our_number, arrival)
        if desk is None or services.accounts.sid_of(desk.account_sid_var) != form.get("AccountSid"):
            visit.undo()
            metrics.unknown_numbers.inc()
            log.warning("message for a number that is not ours", channel=channel)
            return []
        if opening is None:
            visit.undo()
            metrics.repeats.inc()
            log.info("message taken in before", provider_sid=arrival.provider_sid)
            return []
        with bound(message_id=opening.message_id, conversation_id=opening.conversation_id):
            turn = Turn(visit, desk, opening, heard, arrival.channel)
            take(turn)
            sent = close(turn)
            metrics.turns.labels(channel).inc()
            log.info("turn taken", flow=turn.talk.flow, state=turn.talk.state, replies=len(sent), kind=heard.kind)
            return sent
