"""The words that carriers reserve on SMS, and what Twilio understood and answered itself, on whatever channel.

There they mean what the carrier means by them, and we say nothing: it has been said.
"""

from typing import Final

from domain.senders import SMS
from flows.optout import opt_in, opt_out
from flows.turn import Turn

OPT_OUT: Final = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"})
OPT_IN: Final = frozenset({"START", "YES", "UNSTOP"})
_STOP, _START, _HELP = "STOP", "START", "HELP"


def obey_carrier(turn: Turn) -> bool:
    """Do what a reserved word asks for. True: it was one, and has been answered; we say nothing."""
    meant = turn.heard.answered_as or _reserved(turn)
    if meant == _STOP:
        opt_out(turn)
        turn.talk.carrier_stopped = True
    elif meant == _START:
        opt_in(turn)
        turn.talk.carrier_stopped = False
    return meant in {_STOP, _START, _HELP}


def _reserved(turn: Turn) -> str | None:
    """Return what a reserved word means; on WhatsApp, where nobody answers it, only that the way is free again."""
    word = turn.heard.text.strip().upper()
    if turn.channel == SMS and word in OPT_OUT:
        return _STOP
    if word in OPT_IN and turn.talk.carrier_stopped:
        if turn.channel == SMS:
            return _START
        turn.talk.carrier_stopped = False
    return None
