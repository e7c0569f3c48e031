"""A step of a flow in which a change is confirmed by sending back a code, where the channel can be forged.

A flow that changes something has a state `code` with these steps in its script: `sure` and `right` lead on, `wrong` and
`another_code` ask again, `locked` leads to an end. `subject` says what would be done, to what, as it stands now.
"""

from typing import ClassVar, Final

from domain.codes import DIGITS
from domain.confirming import send_echo, try_echo
from domain.hiding import MASK
from domain.senders import SMS
from flows.flow import Entry, Flow, Go, Reply, Step
from flows.heard import Heard
from flows.normalise import normalise
from flows.reply import reply
from flows.turn import Elsewhere
from locales.text import Code, text

# Channels on which anybody may write in another's name.
_FORGEABLE: Final = frozenset({SMS})
STEPS: Final[tuple[Step, ...]] = (
    ("code", "right", "done"),
    ("code", "sure", "done"),
    ("code", "wrong", "code"),
    ("code", "another_code", "code"),
    ("code", "locked", "refused"),
)
CODE_CHOICES: Final = frozenset({"right", "sure", "wrong", "locked"})


class Echo(Flow):
    """What such a flow is made from: it says how a change is called, and does it in `act`."""

    states: ClassVar[tuple[str, ...]] = ("code", "done", "refused")
    script: ClassVar[tuple[Step, ...]] = STEPS
    name = "echo"
    secret_states: ClassVar[frozenset[str]] = frozenset({"code"})

    def subject(self) -> str:
        """Return what would be done, to what, as it stands now."""
        raise NotImplementedError

    def act(self) -> None:
        """Do it."""
        raise NotImplementedError

    def send_code(self) -> None:
        """Send a code to who writes, if they could be somebody else."""
        turn = self.turn
        if turn.channel not in _FORGEABLE:
            return
        echo = send_echo(turn.visit, turn.desk, turn.opening.contact_id, self.subject())
        self.memo["locked"] = echo is None
        if echo is not None:
            turn.tell(
                Elsewhere(
                    sender_id=turn.desk.sender_id,
                    channel=turn.channel,
                    address=echo.address,
                    kind="code",
                    said=text("echo.code", business=turn.business_name, code=Code(echo.digits or MASK)),
                    language=turn.language,
                    skipped=None if echo.digits else echo.refused,
                )
            )

    def ask_code(self) -> Reply | Go:
        """Ask for the code; go on at once where nobody can be somebody else."""
        if self.turn.channel not in _FORGEABLE:
            return self.choose("sure")
        if self.memo.pop("locked", False):
            self.memo["refused"] = "locked"
            return self.choose("locked")
        ways = (Entry("another_code", text("link.another_code")), Entry("menu", text("menu.back")))
        return reply(text("echo.sent"), entries=ways)

    def hear_code(self, heard: Heard) -> str | None:
        """Try what was typed as the code."""
        digits = "".join(letter for letter in normalise(heard.text) if letter.isdigit())
        if len(digits) != DIGITS:
            return None
        turn = self.turn
        return try_echo(turn.visit, turn.desk, turn.opening.contact_id, self.subject(), digits)

    def on_right(self) -> None:
        """Do it: the phone is theirs."""
        self.act()

    def on_sure(self) -> None:
        """Do it: the channel says who they are."""
        self.act()

    def on_wrong(self) -> None:
        """Say so."""
        self.turn.first_say(text("link.wrong"))

    def on_another_code(self) -> None:
        """Send another one."""
        self.send_code()

    def on_locked(self) -> None:
        """It was too often."""
        self.memo["refused"] = "locked"
