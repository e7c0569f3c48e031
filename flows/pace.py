"""How fast a conversation may go: fast enough for any person, too slow for two machines that answer each other."""

from datetime import timedelta
from typing import Final

import structlog

from domain import clock
from flows.reply import reply
from flows.turn import Turn
from locales.text import text

log = structlog.get_logger()

# A turn every six seconds for as long as you like, and sixty at once now and then.
_EACH: Final = timedelta(seconds=6)
_MOST_AHEAD: Final = 60 * _EACH
# Who was too fast is answered again three minutes later: the other machine will have nothing to answer meanwhile.
_CALM_AGAIN: Final = _MOST_AHEAD / 2


def may_speak(turn: Turn) -> bool:
    """Tell whether this message may be answered. Where it may not, that is said once, and then there is silence."""
    talk, now = turn.talk, clock.now()
    busy_until = max(now, talk.busy_until or now)
    hushed = talk.data.get("hushed", False)
    if busy_until - now < (_CALM_AGAIN if hushed else _MOST_AHEAD):
        talk.busy_until = busy_until + _EACH
        talk.data.pop("hushed", None)
        return True
    if not hushed:
        talk.data["hushed"] = True
        log.warning("conversation is faster than people are")
        turn.say(reply(text("turn.too_fast")))
    return False
