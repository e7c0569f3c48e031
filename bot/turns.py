"""The beginning of a turn; and its end: what was said becomes messages, and where it stands is written down."""

from dataclasses import replace
from typing import Final
from uuid import UUID

import structlog

from bot.channels.render import letter_of, render
from bot.links import Link, link_to
from bot.services import Services
from domain.door import Desk, Visit
from domain.speaking import speak
from domain.timers import set_timer
from domain.turns import Closing, Opening, Outgoing, close_turn
from flows.heard import Heard
from flows.turn import Turn

log = structlog.get_logger()

# No flow says as much in one turn; whatever does is in a circle.
MOST_REPLIES: Final = 5


def begin(services: Services, visit: Visit, desk: Desk, opening: Opening, heard: Heard, channel: str) -> Turn:
    """Return the turn in which `heard` was heard on `channel`."""

    def link(document_id: UUID, language: str) -> str:
        return link_to(services.settings, Link(desk.business_id, document_id, language))

    return Turn(
        visit,
        desk,
        opening,
        heard,
        channel,
        base_url=services.settings.public_base_url,
        link_to=link,
        sends_mails=services.accounts.sends_mails,
        pays_online=services.settings.moyasar_secret_key is not None,
    )


def close(turn: Turn) -> list[UUID]:
    """Write down where the conversation stands, and put the replies into the outbox. Returns their ids."""
    talk = turn.talk
    closing = Closing(
        customer_id=talk.customer_id,
        flow=talk.flow,
        state=talk.state,
        data=talk.data,
        misses=talk.misses,
        opted_out_at=talk.opted_out_at,
        person_wanted_at=talk.person_wanted_at,
        carrier_stopped=talk.carrier_stopped,
        busy_until=talk.busy_until,
        heard_at=turn.said_at,
        outgoing=_outgoing(turn),
    )
    sent = close_turn(turn.visit, turn.desk, turn.channel, turn.opening, closing)
    if turn.timeout is not None:
        opening, timeout = turn.opening, turn.timeout
        conversation = opening.conversation_id
        set_timer(turn.visit, turn.desk.business_id, conversation, opening.turns, timeout.due_at, timeout.choice)
    if turn.elsewhere:
        sent += speak(turn.visit, turn.desk.business_id, [letter_of(one) for one in turn.elsewhere])
    return sent


def _outgoing(turn: Turn) -> list[Outgoing]:
    written = [one for reply in turn.replies for one in render(reply, turn.language, turn.channel, turn.opening.turns)]
    if len(written) > MOST_REPLIES:
        log.error("too many replies in one turn, the rest is not sent", replies=len(written))
        written = written[:MOST_REPLIES]
    if turn.talk.carrier_stopped:
        # The carrier would refuse it (Twilio's error 21610); that it was not sent is written down all the same.
        return [replace(one, status="skipped", reason="opted_out") for one in written]
    return written
