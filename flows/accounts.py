"""One phone, several accounts: which one is it about?"""

from flows.flow import Entry, Flow, Go, Reply
from flows.reply import reply
from locales.text import Code, Name, text


class Accounts(Flow):
    """Asks which account the conversation is about, then goes on with what was wanted."""

    name = "accounts"
    states = ("choosing", "chosen")
    script = (("choosing", "account", "chosen"),)

    def ask_choosing(self) -> Reply | Go:
        """List the accounts."""
        if len(self.turn.accounts) < 2:
            return Go("menu")
        return reply(text("accounts.choose"), entries=tuple(self._entries()))

    def on_account(self) -> None:
        """Stay with the chosen one."""
        chosen = next((one for one in self.turn.accounts if one.account_no == self.arg), None)
        self.turn.talk.customer_id = chosen.customer_id if chosen else None

    def ask_chosen(self) -> Go:
        """Go on with what was wanted before we had to ask."""
        return self.turn.go_on()

    def _entries(self) -> list[Entry]:
        language = self.turn.language
        return [
            Entry(
                "account",
                text("accounts.name", name=Name(one.name_in(language))),
                one.account_no,
                text("accounts.number", account=Code(one.account_no)),
            )
            for one in self.turn.accounts
        ]
