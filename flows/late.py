"""What reached us late: it may be answered as if it had not, or the customer has to say it again."""

from datetime import timedelta
from typing import Final

from domain import clock
from flows.carrier import obey_carrier
from flows.engine import ask_again, confirms, is_left_to_a_person, take_turn
from flows.heard import EMPTY
from flows.turn import Turn
from locales.text import text

# Younger than this, customers still mean what they wrote.
YOUNG: Final = timedelta(minutes=15)
_ASKED: Final = "asked_late"


def take_late(turn: Turn) -> None:
    """Let the conversation take a turn with a message that reached us late.

    What a carrier's word says holds however late it comes. Several messages that can't be answered any more are
    answered by one question.
    """
    if obey_carrier(turn) or is_left_to_a_person(turn):
        return
    if _still_holds(turn):
        take_turn(turn)
        return
    asked_before = turn.talk.data.get(_ASKED) == turn.opening.turns - 1
    turn.talk.data[_ASKED] = turn.opening.turns
    if not asked_before:
        ask_again(turn, text("turn.late"))


def _still_holds(turn: Turn) -> bool:
    young = clock.now() - turn.said_at < YOUNG
    # A location and a tap lose what they said on this way, and nothing is left of them.
    return young and not _is_overtaken(turn) and not confirms(turn) and turn.heard.kind != EMPTY


def _is_overtaken(turn: Turn) -> bool:
    """Tell whether there was a turn about something later."""
    heard_at = turn.opening.heard_at
    return heard_at is not None and heard_at > turn.said_at
