"""How we handle the customer's data."""

from urllib.parse import urlencode

from domain.companies import code_of
from flows.flow import Entry, Flow, Reply
from flows.reply import reply
from locales.text import text


class Privacy(Flow):
    """Says in short how we handle data, and where the whole of it can be read."""

    name = "privacy"
    states = ("told",)

    def ask_told(self) -> Reply:
        """Say it."""
        return reply(
            text("privacy.told", business=self.turn.business_name),
            text("privacy.link", link=self._link()),
            entries=(Entry("settings", text("menu.settings")), Entry("menu", text("menu.back"))),
        )

    def _link(self) -> str:
        turn = self.turn
        page = urlencode({"business": code_of(turn.visit, turn.desk.business_id), "lang": turn.language})
        return f"{turn.base_url}/legal/privacy?{page}"
