"""What every flow is made of: its states, its script, and the state machine built from them at import."""

from datetime import timedelta
from typing import Any, ClassVar

from transitions import Machine, State

from flows.heard import Heard
from flows.reply import Entry, Go, Reply
from flows.turn import Turn

Step = tuple[str, str, str]


class Flow:
    """One conversation script.

    `states` lists the states, the first where the flow begins. `script` lists what happens: in which state the
    customer chooses what, and where that leads. For each state a method `ask_<state>` says what is said there, or
    where to go on; it changes nothing, since it may be asked again at any time. For each choice a method
    `on_<choice>`, if there is one, does what it does. Where free words are expected, a method `hear_<state>` returns
    the choice that was heard in them, or None; it gets all that is no entry and no command.
    """

    name: ClassVar[str]
    states: ClassVar[tuple[str, ...]]
    script: ClassVar[tuple[Step, ...]] = ()
    needs_account: ClassVar[bool] = False
    heard_choices: ClassVar[frozenset[str]] = frozenset()  # choices of the script that nobody can type
    secret_states: ClassVar[frozenset[str]] = frozenset()  # where codes are typed: their digits are not kept
    looks: ClassVar[frozenset[str]] = frozenset()  # states where things are only looked at: nothing is left half done
    confirms: ClassVar[frozenset[str]] = frozenset()  # states whose answer changes something: never a late one
    timeouts: ClassVar[dict[str, tuple[timedelta, str]]] = {}  # state: how long it waits, and what is chosen then
    machine: ClassVar[Machine]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Build the machine of the flow."""
        super().__init_subclass__(**kwargs)
        cls.machine = Machine(
            model=None,
            states=[State(state, on_enter="_entered") for state in cls.states],
            transitions=[
                {"source": source, "trigger": choice, "dest": dest, "before": cls._effects(choice)}
                for source, choice, dest in cls.script
            ],
            initial=cls.states[0],
            auto_transitions=False,
        )

    def __init__(self, turn: Turn, state: str | None = None, arg: str | None = None) -> None:
        self.turn = turn
        self.state = state or self.states[0]
        self.arg = arg
        self.outcome: Reply | Go | None = None

    @property
    def memo(self) -> dict[str, Any]:
        """What the flow remembers from turn to turn, while the conversation is in it. Plain JSON."""
        memory: dict[str, Any] = self.turn.talk.data.setdefault("memo", {})
        return memory

    @property
    def hears(self) -> bool:
        """Whether free words are expected in the present state."""
        return hasattr(self, f"hear_{self.state}")

    @property
    def rests(self) -> bool:
        """Whether nothing is expected in the present state: it may be left without a word."""
        return not self.hears and not self.machine.get_triggers(self.state)

    def hear(self, heard: Heard) -> str | None:
        """Return the choice that the present state hears in free words; None when it does not understand them."""
        choice: str | None = getattr(self, f"hear_{self.state}")(heard)
        return choice

    def ask(self) -> Reply | Go:
        """Return what is said in the present state, or where to go on."""
        answer: Reply | Go = getattr(self, f"ask_{self.state}")()
        return answer

    def takes(self, choice: str) -> bool:
        """Tell whether the script has `choice` in the present state."""
        return choice in self.machine.get_triggers(self.state)

    def choose(self, choice: str) -> Reply | Go:
        """Do what the script says for `choice` in the present state. Raises MachineError when it says nothing."""
        self.machine.events[choice].trigger(self)
        return self.outcome or self.ask()

    def _entered(self) -> None:
        self.outcome = self.ask()

    @classmethod
    def _effects(cls, choice: str) -> list[str]:
        return [f"on_{choice}"] if hasattr(cls, f"on_{choice}") else []


__all__ = ["Entry", "Flow", "Go", "Reply", "Step"]
