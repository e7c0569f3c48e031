"""The engine: from what was heard to what is answered and where the conversation stands then."""

from dataclasses import dataclass
from typing import Any, Final

from flows.book import COMMANDS, FLOWS
from flows.carrier import obey_carrier
from flows.flow import Flow, Go, Reply
from flows.heard import EMPTY, LOCATION, MEDIA, STICKER, TEXT, VOICE
from flows.normalise import normalise
from flows.turn import Turn
from flows.words import meant
from locales.speech import Speech
from locales.text import text

_MOST_HOPS: Final = 5
_MISSES_BEFORE_HELP: Final = 3
_LONGEST_COMMAND: Final = 160
_SHOWN: Final = "shown"

_KIND_ANSWERS = {
    EMPTY: text("heard.empty"),
    LOCATION: text("heard.location"),
    MEDIA: text("heard.media"),
    STICKER: text("heard.sticker"),
    VOICE: text("heard.voice"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """What the customer chose."""

    trigger: str
    arg: str | None = None


class EngineError(RuntimeError):
    """The flows lead in a circle."""


def take_turn(turn: Turn) -> None:
    """Let the conversation take one turn: hear, do, answer, and stand somewhere again."""
    if turn.carrier_keywords and obey_carrier(turn):
        return
    choice = _choice(turn)
    if choice is not None:
        turn.talk.misses = 0
        _follow(turn, choice)
    elif turn.heard.kind != TEXT:
        turn.first_say(_KIND_ANSWERS[turn.heard.kind])
        _rest(turn)
    elif turn.talk.flow is None:
        _start(turn, "hello")
    else:
        _miss(turn)


def _choice(turn: Turn) -> Choice | None:
    heard, shown = turn.heard, _shown(turn)
    if heard.payload is not None:
        for trigger, arg, _ in shown:
            if heard.payload == entry_id(trigger, arg):
                return Choice(trigger, arg)
    said = normalise(heard.text[:_LONGEST_COMMAND])
    if not said or len(heard.text) > _LONGEST_COMMAND:
        return None
    return _shown_choice(said, shown) or _command(said, shown)


def entry_id(trigger: str, arg: str | None) -> str:
    """Return the id of an entry, as a button or list item carries it."""
    return trigger if arg is None else f"{trigger}:{arg}"


def _shown_choice(said: str, shown: list[list[Any]]) -> Choice | None:
    if said.isdigit():
        number = int(said)
        return Choice(*shown[number - 1][:2]) if 1 <= number <= len(shown) else _zero(number)
    return next((Choice(trigger, arg) for trigger, arg, label in shown if said == label), None)


def _zero(number: int) -> Choice | None:
    return Choice("menu") if number == 0 else None


def _command(said: str, shown: list[list[Any]]) -> Choice | None:
    here = tuple(trigger for trigger, arg, _ in shown if arg is None and trigger not in COMMANDS)
    meaning = meant(said, here + tuple(COMMANDS))
    return Choice(meaning) if meaning else None


def _follow(turn: Turn, choice: Choice) -> None:
    flow = _present(turn, choice.arg)
    if flow is not None and flow.takes(choice.trigger):
        _answer(turn, flow, flow.choose(choice.trigger))
    elif choice.trigger in COMMANDS:
        turn.talk.data.pop("then", None)
        _start(turn, COMMANDS[choice.trigger])
    else:
        _miss(turn)


def _present(turn: Turn, arg: str | None = None) -> Flow | None:
    flow = FLOWS.get(turn.talk.flow or "")
    if flow is None or turn.talk.state not in flow.states:
        return None
    return flow(turn, turn.talk.state, arg)


def _start(turn: Turn, name: str) -> None:
    flow = _entrance(turn, FLOWS[name])
    _answer(turn, flow, flow.begin())


def _entrance(turn: Turn, wanted: type[Flow]) -> Flow:
    """Return the flow to begin with: what needs an account is preceded by the question which, or by who we are."""
    if not wanted.needs_account or turn.account is not None:
        return wanted(turn)
    if not turn.accounts:
        return FLOWS["stranger"](turn)
    turn.talk.data["then"] = wanted.name
    return FLOWS["accounts"](turn)


def _answer(turn: Turn, flow: Flow, outcome: Reply | Go) -> None:
    for _ in range(_MOST_HOPS):
        if isinstance(outcome, Reply):
            _stand(turn, flow, outcome)
            return
        flow = _entrance(turn, FLOWS[outcome.flow])
        outcome = flow.begin()
    raise EngineError(f"from {turn.talk.flow} the flows lead in a circle by way of {flow.name}")


def _stand(turn: Turn, flow: Flow, answer: Reply) -> None:
    turn.say(answer)
    turn.talk.flow, turn.talk.state = flow.name, flow.state
    speech = Speech(turn.language, sms=False)
    turn.talk.data[_SHOWN] = [
        [entry.trigger, entry.arg, normalise(speech.say(entry.label))] for entry in answer.entries
    ]


def _miss(turn: Turn) -> None:
    turn.talk.misses += 1
    if turn.talk.misses >= _MISSES_BEFORE_HELP:
        turn.talk.misses = 0
        _start(turn, "lost")
    else:
        turn.first_say(text("not_understood"))
        _rest(turn)


def _rest(turn: Turn) -> None:
    """Ask again where an answer is needed; else show the menu."""
    flow = _present(turn)
    if flow is not None and flow.keeps_asking:
        _answer(turn, flow, flow.ask())
    else:
        _start(turn, "hello" if turn.talk.flow is None else "menu")


def _shown(turn: Turn) -> list[list[Any]]:
    shown: list[list[Any]] = turn.talk.data.get(_SHOWN, [])
    return shown
