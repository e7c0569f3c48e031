"""What a customer types as a one-time code is kept nowhere, whatever becomes of the turn in which it was typed."""

from typing import Final

from domain.hiding import hide_digits
from flows.book import FLOWS
from flows.turn import Turn

# Fewer are a choice from what was shown.
_FEWEST_DIGITS: Final = 4


def keep_no_secret(turn: Turn) -> None:
    """Hide the digits of what was heard, if they answer a question for a code."""
    opening, said = turn.opening, turn.heard.text
    flow = FLOWS.get(opening.flow or "")
    if flow is None or opening.state not in flow.secret_states:
        return
    if sum(letter.isdigit() for letter in said) >= _FEWEST_DIGITS:
        hide_digits(turn.visit, opening.message_id, said)
