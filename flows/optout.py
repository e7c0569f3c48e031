"""No more messages, please; and messages again."""

from domain import clock
from domain.consents import record_consent
from flows.flow import Entry, Flow, Go, Reply
from flows.reply import reply
from flows.turn import Turn
from locales.text import text


class OptOut(Flow):
    """Asks before the notices of this number end."""

    name = "optout"
    states = ("asking", "ended", "kept")
    script = (
        ("asking", "end_messages", "ended"),
        ("asking", "keep_messages", "kept"),
    )
    confirms = frozenset({"asking"})

    def ask_asking(self) -> Reply:
        """Say what will end and what will not, and ask."""
        return reply(
            text("optout.ask", business=self.turn.business_name),
            entries=(
                Entry("end_messages", text("optout.end")),
                Entry("keep_messages", text("optout.keep")),
            ),
        )

    def on_end_messages(self) -> None:
        """Write the decision down."""
        opt_out(self.turn)

    def ask_ended(self) -> Reply:
        """Confirm."""
        return reply(text("optout.ended"), entries=(Entry("menu", text("menu.back")),))

    def ask_kept(self) -> Reply:
        """Confirm."""
        return reply(text("optout.kept"), entries=(Entry("menu", text("menu.back")),))


class OptIn(Flow):
    """Brings the notices back."""

    name = "optin"
    states = ("back",)

    def ask_back(self) -> Reply | Go:
        """Write the decision down, and confirm; where nothing had ended, START is only a hello."""
        if self.turn.talk.opted_out_at is None:
            return Go("hello")
        opt_in(self.turn)
        return reply(text("optin.back"), entries=(Entry("menu", text("menu.back")),))


def opt_out(turn: Turn) -> None:
    """Write down that this contact wants no messages from this sender; said twice it is written once."""
    if turn.talk.opted_out_at is None:
        _record(turn, granted=False)
        turn.talk.opted_out_at = clock.now()


def opt_in(turn: Turn) -> None:
    """Write down that this contact wants messages from this sender again."""
    if turn.talk.opted_out_at is not None:
        _record(turn, granted=True)
        turn.talk.opted_out_at = None


def _record(turn: Turn, *, granted: bool) -> None:
    record_consent(
        turn.visit,
        turn.desk,
        turn.opening.contact_id,
        granted=granted,
        evidence=turn.heard.text[:160],
    )
