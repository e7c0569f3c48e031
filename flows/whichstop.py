"""Somebody says no more than "stop": stop what?"""

from flows.flow import Entry, Flow, Reply
from flows.reply import reply
from locales.text import text


class WhichStop(Flow):
    """Asks whether the messages or the subscription is meant."""

    name = "whichstop"
    states = ("asked",)

    def ask_asked(self) -> Reply:
        """Ask."""
        return reply(
            text("whichstop.ask"),
            entries=(
                Entry("optout", text("whichstop.messages")),
                Entry("subscription", text("whichstop.subscription")),
                Entry("menu", text("menu.back")),
            ),
        )
