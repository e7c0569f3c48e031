"""What the customer meant: an entry that was shown, a command, or what the flow hears in free words."""

from dataclasses import dataclass
from typing import Any, Final

from flows.book import COMMANDS
from flows.flow import Entry, Flow
from flows.heard import TEXT, Heard
from flows.normalise import normalise
from flows.turn import Turn
from flows.words import meant, meant_exactly
from locales.speech import Speech

_LONGEST_COMMAND: Final = 160
# Longer ones are account numbers, codes and the like, even with zeros in front.
_LONGEST_ENTRY_NUMBER: Final = 2
_SHOWN: Final = "shown"


@dataclass(frozen=True, slots=True)
class Choice:
    """What the customer chose."""

    trigger: str
    arg: str | None = None


def choice_of(turn: Turn, flow: Flow | None) -> Choice | None:
    """Return what the customer chose in the present `flow`; None for what nobody understands."""
    if flow is not None and flow.hears and turn.heard.kind != TEXT:
        return _listened(flow, turn.heard)
    return _typed(turn, flow)


def command_of(text: str) -> Choice | None:
    """Return the command that the whole of `text` is, if it is one."""
    return _command(normalise(text[:_LONGEST_COMMAND]), [], exactly=True)


def _typed(turn: Turn, flow: Flow | None) -> Choice | None:
    said, shown = _said(turn), shown_to(turn)
    hears = flow is not None and flow.hears
    if said:
        choice = _shown_choice(said, shown) or _command(said, shown, exactly=hears)
        if choice is not None:
            return choice
    return _listened(flow, turn.heard) if flow is not None and hears else None


def _said(turn: Turn) -> str:
    """Return what was typed, where it is short enough to be a choice."""
    return "" if len(turn.heard.text) > _LONGEST_COMMAND else normalise(turn.heard.text)


def _listened(flow: Flow, heard: Heard) -> Choice | None:
    choice = flow.hear(heard)
    return Choice(choice) if choice else None


def _shown_choice(said: str, shown: list[list[Any]]) -> Choice | None:
    if said.isdigit() and len(said) <= _LONGEST_ENTRY_NUMBER:
        number = int(said)
        return Choice(*shown[number - 1][:2]) if 1 <= number <= len(shown) else _zero(said)
    return next((Choice(trigger, arg) for trigger, arg, labels in shown if said in labels.split("|")), None)


def _zero(said: str) -> Choice | None:
    return Choice("menu") if said == "0" else None


def _command(said: str, shown: list[list[Any]], *, exactly: bool) -> Choice | None:
    if said.isdigit():
        return None
    here = tuple(trigger for trigger, arg, _ in shown if arg is None and trigger not in COMMANDS)
    understand = meant_exactly if exactly else meant
    meaning = understand(said, here + tuple(COMMANDS))
    return Choice(meaning) if meaning else None


def is_command(turn: Turn) -> bool:
    """Tell whether the whole of what was typed is a command, other than a mere hello."""
    said = _said(turn)
    return said == "0" or meant_exactly(said, tuple(COMMANDS)) not in {None, "hello"}


def labels_of(entry: Entry, speech: Speech) -> str:
    """Return what an entry is called, without and with its detail, as typed words are compared with it."""
    label = speech.say(entry.label)
    if entry.detail is None:
        return normalise(label)
    return f"{normalise(label)}|{normalise(f'{label} {speech.say(entry.detail)}')}"


def shown_to(turn: Turn) -> list[list[Any]]:
    """Return the entries that were last shown: trigger, argument, and what they are called."""
    shown: list[list[Any]] = turn.talk.data.get(_SHOWN, [])
    return shown
