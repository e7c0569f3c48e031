"""The main menu."""

from collections.abc import Iterator

from flows.flow import Entry, Flow, Reply
from flows.reply import reply
from locales.text import Code, text


class Menu(Flow):
    """Shows what can be done here, built from what this customer has."""

    name = "menu"
    states = ("choosing",)

    def ask_choosing(self) -> Reply:
        """Show the entries, and for whom, when there is more than one."""
        account = self.turn.account
        head = text("menu.choose")
        if account is not None and len(self.turn.accounts) > 1:
            head = text("menu.choose_for", account=Code(account.account_no))
        return reply(head, entries=tuple(self._entries()))

    def _entries(self) -> Iterator[Entry]:
        accounts = self.turn.accounts
        if accounts:
            yield Entry("balance", text(self._balance_label()))
        if any(one.buys for one in accounts):
            yield Entry("buy", text("menu.buy"))
            yield Entry("tokens", text("menu.tokens"))
        if any(one.has_invoices for one in accounts):
            yield Entry("invoices", text("menu.invoices"))
            yield Entry("pay", text("menu.pay"))
        if any(one.has_subscriptions for one in accounts):
            yield Entry("subscription", text("menu.subscription"))
        if len(accounts) > 1:
            yield Entry("accounts", text("menu.accounts"))
        if not accounts:
            yield Entry("link", text("menu.link"))
        if not accounts or any(one.owns_meters for one in accounts):
            yield Entry("report", text("menu.report"))
        if any(one.has_tickets for one in accounts):
            yield Entry("tickets", text("menu.tickets"))
        yield Entry("language", text("menu.language"))
        yield Entry("settings", text("menu.settings"))
        yield Entry("help", text("menu.help"))
        yield Entry("agent", text("menu.agent"))

    def _balance_label(self) -> str:
        account = self.turn.account
        if account is not None and not account.has_invoices and account.has_subscriptions:
            return "menu.balance_subscription"
        return "menu.balance"
