"""The door through which every inbound message comes, whoever brings it."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

import structlog

from bot import metrics
from bot.channels.render import render
from bot.channels.twilio_form import address_of, arrival_of, heard_of
from bot.jobs.queues import OUTBOX
from bot.logs import bound
from bot.services import Services
from domain.door import DATABASE_ERRORS, Desk, Visit, was_lost
from domain.senders import SMS
from domain.turns import Arrival, Closing, Opening, Outgoing, close_turn, open_turn
from flows.engine import take_turn
from flows.heard import Heard
from flows.turn import Turn

log = structlog.get_logger()


def take_in(services: Services, form: Mapping[str, str]) -> None:
    """Take one inbound message in, as Twilio's `form` describes it: once, however often it is brought.

    Raises FormError when the form describes no message.
    """
    arrival, heard = arrival_of(form), heard_of(form)
    try:
        waiting = _in_one_transaction(services, form, arrival, heard)
    except DATABASE_ERRORS as error:
        if not was_lost(error):
            raise
        services.door.forget_connections()
        # The connection had died while it lay in the pool, or the server went away. Trying once more is safe:
        # if the turn was committed after all, the message's SID is taken.
        waiting = _in_one_transaction(services, form, arrival, heard)
    if waiting:
        services.bell.ring(OUTBOX)


def _in_one_transaction(services: Services, form: Mapping[str, str], arrival: Arrival, heard: Heard) -> list[UUID]:
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
            return _turn(visit, desk, opening, arrival, heard)


def _turn(visit: Visit, desk: Desk, opening: Opening, arrival: Arrival, heard: Heard) -> list[UUID]:
    turn = Turn(visit, desk, opening, heard, carrier_keywords=arrival.channel == SMS)
    take_turn(turn)
    talk = turn.talk
    closing = Closing(
        customer_id=talk.customer_id,
        flow=talk.flow,
        state=talk.state,
        data=talk.data,
        misses=talk.misses,
        opted_out_at=talk.opted_out_at,
        person_wanted_at=talk.person_wanted_at,
        outgoing=_outgoing(turn, arrival.channel),
    )
    sent = close_turn(visit, desk, arrival.channel, opening, closing)
    metrics.turns.labels(arrival.channel).inc()
    log.info("turn taken", flow=talk.flow, state=talk.state, replies=len(sent), kind=heard.kind)
    return sent


def _outgoing(turn: Turn, channel: str) -> list[Outgoing]:
    written = [one for reply in turn.replies for one in render(reply, turn.language, channel)]
    if channel == SMS and turn.talk.opted_out_at is not None:
        # The carrier would refuse it (Twilio's error 21610); that it was not sent is written down all the same.
        return [replace(one, status="skipped", reason="opted_out") for one in written]
    return written
