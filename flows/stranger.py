"""Somebody whom we don't know asks for what only a customer can have."""

from flows.flow import Entry, Flow, Reply
from flows.reply import reply
from locales.text import text


class Stranger(Flow):
    """Says kindly that this number isn't on any account, and what can be done about it."""

    name = "stranger"
    states = ("told",)

    def ask_told(self) -> Reply:
        """Tell it, and offer a person."""
        return reply(
            text("stranger.unknown", business=self.turn.business_name),
            entries=(Entry("agent", text("menu.agent")), Entry("menu", text("menu.back"))),
        )
