"""We didn't understand, three times in a row."""

from flows.flow import Entry, Flow, Reply
from flows.reply import reply
from locales.text import text


class Lost(Flow):
    """Offers help, and a person."""

    name = "lost"
    states = ("offered",)

    def ask_offered(self) -> Reply:
        """Offer them."""
        return reply(
            text("lost.offer"),
            entries=(
                Entry("help", text("menu.help")),
                Entry("agent", text("menu.agent")),
                Entry("menu", text("menu.back")),
            ),
        )
