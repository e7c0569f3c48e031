"""The engine: from what was heard to what is answered and where the conversation stands then."""

from datetime import timedelta
from typing import Any, Final

import structlog

from domain import clock
from flows.book import COMMANDS, FLOWS
from flows.carrier import obey_carrier
from flows.flow import Flow, Go, Reply
from flows.heard import EMPTY, LOCATION, MEDIA, STICKER, TEXT, VOICE
from flows.hearing import Choice, choice_of, command_of, is_command, labels_of, shown_to
from flows.pace import may_speak
from flows.pages import page_of
from flows.secrets import keep_no_secret
from flows.taps import Tap, tap_of
from flows.turn import Timeout, Turn
from locales.speech import Speech
from locales.text import Text, text

log = structlog.get_logger()

IDLE: Final = timedelta(minutes=30)
_MOST_HOPS: Final = 5
_MISSES_BEFORE_HELP: Final = 3
_LONGEST_TRAIL: Final = 20
_SHOWN: Final = "shown"
_ASKED: Final = "asked"
_TRAIL: Final = "trail"
_PAGE: Final = "page"
_LEAVING: Final = frozenset({"leave", "exit"})

_KIND_ANSWERS = {
    EMPTY: text("heard.empty"),
    LOCATION: text("heard.location"),
    MEDIA: text("heard.media"),
    STICKER: text("heard.sticker"),
    VOICE: text("heard.voice"),
}


def take_turn(turn: Turn) -> None:
    """Let the conversation take one turn: hear, do, answer, and stand somewhere again."""
    keep_no_secret(turn)
    if obey_carrier(turn) or is_left_to_a_person(turn):
        return
    if not may_speak(turn):
        return
    if turn.talk.flow is not None and _present(turn) is None:
        _begin_again(turn)
    elif (tap := tap_of(turn.heard.payload)) is not None and (tap.turn is not None or tap.trigger in COMMANDS):
        _tapped(turn, tap)
    elif _was_left(turn) and not is_command(turn):
        _start(turn, "again", _place(turn))
    else:
        _heard(turn)


def is_left_to_a_person(turn: Turn) -> bool:
    """Tell whether somebody of staff answers in this conversation. Then the bot says nothing."""
    return turn.opening.handover_id is not None


def wake(turn: Turn, choice: str) -> None:
    """Let happen what a timer waited for."""
    flow = _present(turn)
    if flow is not None and flow.takes(choice) and not is_left_to_a_person(turn):
        _follow(turn, Choice(choice))


def apologise(turn: Turn) -> None:
    """Answer a message on which the flow failed, and stand where all is well: at the menu."""
    keep_no_secret(turn)
    if is_left_to_a_person(turn):
        return
    turn.talk.data = {}
    turn.talk.misses = 0
    turn.first_say(text("turn.sorry"))
    _start(turn, "menu")


def confirms(turn: Turn) -> bool:
    """Tell whether the conversation stands where the next answer changes something."""
    flow = _present(turn)
    return flow is not None and flow.state in flow.confirms


def ask_again(turn: Turn, why: Text) -> None:
    """Do nothing of what was said, say `why`, and ask where the conversation stands."""
    turn.first_say(why)
    _rest(turn)


def _heard(turn: Turn) -> None:
    flow = _present(turn)
    choice = choice_of(turn, flow)
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


def _tapped(turn: Turn, tap: Tap) -> None:
    """Follow a button or list row; one of an old message only where it says no more than a word would."""
    turn.talk.misses = 0
    fresh = tap.turn == turn.talk.data.get(_ASKED)
    shown = any((tap.trigger, tap.arg) == (trigger, arg) for trigger, arg, _ in shown_to(turn))
    if (fresh and shown) or (tap.trigger in COMMANDS and tap.arg is None):
        _follow(turn, Choice(tap.trigger, tap.arg))
    else:
        turn.first_say(text("heard.old_button"))
        _rest(turn)


def _follow(turn: Turn, choice: Choice) -> None:
    flow = _present(turn, choice.arg)
    if choice.trigger == "more" and flow is not None:
        turn.talk.data[_PAGE] = turn.talk.data.get(_PAGE, 0) + 1
        _answer(turn, flow, flow.ask())
    elif flow is not None and flow.takes(choice.trigger):
        before = flow.state
        outcome = flow.choose(choice.trigger)
        _leave_trail(turn, flow, before)
        _answer(turn, flow, outcome)
    elif choice.trigger in COMMANDS:
        _obey(turn, flow, choice.trigger)
    else:
        _miss(turn)


def _obey(turn: Turn, flow: Flow | None, command: str) -> None:
    if command == "back" and flow is not None and turn.talk.data.get(_TRAIL):
        flow.state = turn.talk.data[_TRAIL].pop()
        _stand(turn, flow, flow.ask())
        return
    turn.talk.data.pop("then", None)
    if command in _LEAVING and flow is not None and not flow.rests:
        turn.first_say(text("turn.left"))
        _start(turn, "menu")
    else:
        _start(turn, COMMANDS[command])


def _present(turn: Turn, arg: str | None = None) -> Flow | None:
    flow = FLOWS.get(turn.talk.flow or "")
    if flow is None or turn.talk.state not in flow.states:
        return None
    return flow(turn, turn.talk.state, arg)


def _was_left(turn: Turn) -> bool:
    """Tell whether the customer left in the middle of something, long enough ago to have forgotten it."""
    flow, since = _present(turn), turn.opening.turned_at
    if flow is None or flow.rests or flow.state in flow.looks or flow.name == "again" or since is None:
        return False
    return clock.now() - since >= IDLE


def _leave_trail(turn: Turn, flow: Flow, before: str) -> None:
    """Remember the question that was answered, so that `back` finds it."""
    if flow.state != before:
        trail = [*turn.talk.data.get(_TRAIL, []), before]
        turn.talk.data[_TRAIL] = trail[-_LONGEST_TRAIL:]


def _place(turn: Turn) -> dict[str, Any]:
    """Return where the conversation stands, so that it can be taken up there again."""
    return {"flow": turn.talk.flow, "state": turn.talk.state, "memo": turn.talk.data.get("memo", {})}


def _begin_again(turn: Turn) -> None:
    """Start over politely: since the turn before, a newer release has dropped the place where we stood."""
    log.warning("conversation stood where nothing is any more", flow=turn.talk.flow, state=turn.talk.state)
    turn.talk.flow = turn.talk.state = None
    turn.talk.data = {}
    turn.first_say(text("turn.begin_again"))
    _follow(turn, command_of(turn.heard.text) or Choice("menu"))


def _start(turn: Turn, name: str, memo: dict[str, Any] | None = None) -> None:
    turn.talk.data.pop(_PAGE, None)
    flow = _entrance(turn, Go(name, memo or {}))
    _answer(turn, flow, flow.ask())


def _entrance(turn: Turn, way: Go) -> Flow:
    """Return the flow to begin with: what needs an account is preceded by the question which, or by who we are."""
    wanted = FLOWS.get(way.flow, FLOWS["menu"])
    if not wanted.needs_account or turn.account is not None:
        turn.talk.data["memo"] = dict(way.memo)
        return wanted(turn, way.state if way.state in wanted.states else None)
    turn.talk.data["then"] = {"flow": way.flow, "memo": {"words": turn.heard.text, **way.memo}}
    turn.talk.data["memo"] = {}
    return FLOWS["accounts" if turn.accounts else "stranger"](turn)


def _answer(turn: Turn, flow: Flow, outcome: Reply | Go) -> None:
    for _ in range(_MOST_HOPS):
        if isinstance(outcome, Reply):
            _stand(turn, flow, outcome)
            return
        flow = _entrance(turn, outcome)
        outcome = flow.ask()
    log.error("the flows lead in a circle", start=turn.talk.flow, by_way_of=flow.name)
    menu = FLOWS["menu"](turn)
    _stand(turn, menu, menu.ask())


def _stand(turn: Turn, flow: Flow, answer: Reply | Go) -> None:
    if isinstance(answer, Go):
        _answer(turn, flow, answer)
        return
    talk = turn.talk
    moved = (talk.flow, talk.state) != (flow.name, flow.state)
    if flow.name != talk.flow or flow.rests:
        talk.data.pop(_TRAIL, None)
    talk.flow, talk.state = flow.name, flow.state
    page = page_of(answer, 0 if moved else talk.data.get(_PAGE, 0))
    talk.data[_PAGE] = page.number
    turn.say(page.reply)
    speech = Speech(turn.language, sms=False)
    talk.data[_SHOWN] = [[entry.trigger, entry.arg, labels_of(entry, speech)] for entry in page.reply.entries]
    talk.data[_ASKED] = turn.opening.turns
    if flow.state in flow.timeouts:
        wait, choice = flow.timeouts[flow.state]
        turn.timeout = Timeout(clock.now() + wait, choice)


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
    if flow is not None and not flow.rests:
        _answer(turn, flow, flow.ask())
    else:
        _start(turn, "hello" if turn.talk.flow is None else "menu")
