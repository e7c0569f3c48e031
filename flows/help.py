"""What can be typed here."""

from flows.flow import Entry, Flow, Reply
from flows.reply import reply
from locales.text import text


class Help(Flow):
    """Explains how to talk to us."""

    name = "help"
    states = ("told",)

    def ask_told(self) -> Reply:
        """Explain, and offer the way on."""
        return reply(
            text("help.how", business=self.turn.business_name),
            entries=(Entry("agent", text("menu.agent")), Entry("menu", text("menu.back"))),
        )
