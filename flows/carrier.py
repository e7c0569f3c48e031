"""The words that carriers reserve on SMS. There they mean what the carrier means by them."""

from typing import Final

from flows.optout import opt_in, opt_out
from flows.turn import Turn

OPT_OUT: Final = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"})
OPT_IN: Final = frozenset({"START", "YES", "UNSTOP"})


def obey_carrier(turn: Turn) -> bool:
    """Do what a reserved word asks for. True: it was one, and the carrier has answered; we say nothing."""
    word = turn.heard.text.strip().upper()
    if word in OPT_OUT:
        opt_out(turn)
        turn.talk.carrier_stopped = True
        return True
    if word in OPT_IN and turn.talk.carrier_stopped:
        opt_in(turn)
        turn.talk.carrier_stopped = False
        return True
    return False
