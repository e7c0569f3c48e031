"""How the customer stands."""

from collections.abc import Iterator

from domain.accounts import Account
from domain.standing import HeldMeter, HeldSubscription, Standing, standing_of
from flows.flow import Entry, Flow, Reply
from flows.reply import Paragraph, reply
from locales.text import Code, Name, Text, counted, text


class Balance(Flow):
    """Tells what is owed and until when, how many days the subscriptions have left, and which meters there are."""

    name = "balance"
    states = ("shown",)
    needs_account = True

    def ask_shown(self) -> Reply:
        """Tell it, and offer the other accounts."""
        account = self.turn.account
        assert account is not None  # noqa: S101  the engine sees to it: this flow needs an account
        standing = standing_of(self.turn.visit, account.customer_id, self.turn.desk.currency, self.turn.today)
        return reply(*self._paragraphs(account, standing), entries=tuple(self._entries(standing)))

    def _paragraphs(self, account: Account, standing: Standing) -> Iterator[Paragraph]:
        turn = self.turn
        if len(turn.accounts) > 1:
            name = Name(account.name_in(turn.language))
            yield text("balance.account", name=name, account=Code(account.account_no))
        yield tuple(_owed(standing))
        if standing.wallet.minor:
            yield text("balance.wallet", wallet=standing.wallet)
        if standing.subscriptions:
            yield tuple(self._subscription(held) for held in standing.subscriptions)
        if standing.meters:
            yield (text("balance.meters"), *(_meter(held) for held in standing.meters))

    def _subscription(self, held: HeldSubscription) -> Text:
        plan = held.plan_ar if self.turn.language == "ar" else held.plan_en
        if held.paused_on is not None:
            return counted("balance.subscription_paused", held.days_left, plan=plan, paused_on=held.paused_on)
        if held.last_day < self.turn.today:
            return text("balance.subscription_ended", plan=plan, last_day=held.last_day)
        return counted("balance.subscription", held.days_left, plan=plan, last_day=held.last_day)

    def _entries(self, standing: Standing) -> Iterator[Entry]:
        if standing.open_invoices:
            yield Entry("pay", text("menu.pay"))
        if len(self.turn.accounts) > 1:
            yield Entry("accounts", text("menu.accounts"))
        yield Entry("menu", text("menu.back"))


def _owed(standing: Standing) -> Iterator[Text]:
    if not standing.open_invoices:
        yield text("balance.nothing_owed", owed=standing.owed)
        return
    yield counted("balance.owed", standing.open_invoices, owed=standing.owed)
    if standing.overdue:
        yield counted("balance.overdue", standing.overdue)
    if standing.nearest_due is not None and standing.overdue < standing.open_invoices:
        yield text("balance.nearest_due", due=standing.nearest_due)


def _meter(held: HeldMeter) -> Text:
    if held.nickname is None:
        return text("balance.meter", meter=Code(held.meter_no))
    return text("balance.meter_named", name=Name(held.nickname), meter=Code(held.meter_no))
