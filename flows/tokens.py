"""The tokens that a customer bought: the latest ones, and their digits once more."""

from typing import Final
from uuid import UUID

from domain.accounts import let_tokens_come_by_sms
from domain.purchases.shown import ShownPurchase, latest_of
from flows.flow import Entry, Flow, Go, Reply
from flows.purchased import meter_called, token_lines
from flows.reply import reply
from locales.text import Text, text

_MOST: Final = 5


class Tokens(Flow):
    """Lists the latest purchases, and shows the stored digits of the one that is chosen. Nothing new is ever issued."""

    name = "tokens"
    states = ("listed", "shown", "by_sms")
    script = (
        ("listed", "purchase", "shown"),
        ("shown", "all_tokens", "listed"),
        ("listed", "sms_too", "by_sms"),
        ("listed", "no_sms", "by_sms"),
        ("by_sms", "all_tokens", "listed"),
    )
    needs_account = True
    heard_choices = frozenset({"purchase"})
    looks = frozenset({"listed", "shown", "by_sms"})

    def ask_listed(self) -> Reply:
        """List them."""
        rows = tuple(_row(one) for one in self._latest)
        ways = (Entry("token_trouble", text("tokens.trouble")), self._sms(), Entry("menu", text("menu.back")))
        if not rows:
            return reply(text("tokens.none"), entries=ways[-1:])
        return reply(text("tokens.choose"), entries=(*rows, *ways))

    def on_sms_too(self) -> None:
        """They want tokens by SMS too."""
        let_tokens_come_by_sms(self.turn.visit, self._customer_id, wanted=True)
        self.turn.accounts_changed()

    def on_no_sms(self) -> None:
        """They don't any more."""
        let_tokens_come_by_sms(self.turn.visit, self._customer_id, wanted=False)
        self.turn.accounts_changed()

    def ask_by_sms(self) -> Reply:
        """Say how it is now."""
        account = self.turn.account
        said = text("tokens.by_sms_too") if account and account.tokens_by_sms else text("tokens.by_sms_not")
        return reply(said, entries=(Entry("all_tokens", text("tokens.all")), Entry("menu", text("menu.back"))))

    def _sms(self) -> Entry:
        account = self.turn.account
        if account and account.tokens_by_sms:
            return Entry("no_sms", text("tokens.no_sms"))
        return Entry("sms_too", text("tokens.sms_too"))

    def on_purchase(self) -> None:
        """Remember which one."""
        self.memo["purchase"] = self.arg

    def ask_shown(self) -> Reply | Go:
        """Show its tokens."""
        chosen = next((one for one in self._latest if str(one.purchase_id) == self.memo.get("purchase")), None)
        if chosen is None:
            return Go("tokens")
        entries = (
            Entry("all_tokens", text("tokens.all")),
            Entry("token_trouble", text("tokens.trouble")),
            Entry("menu", text("menu.back")),
        )
        return reply(*token_lines(chosen), entries=entries)

    @property
    def _latest(self) -> list[ShownPurchase]:
        return latest_of(self.turn.visit, self._customer_id, _MOST)

    @property
    def _customer_id(self) -> UUID:
        account = self.turn.account
        assert account is not None  # noqa: S101  the engine sees to it: this flow needs an account
        return account.customer_id


def _row(one: ShownPurchase) -> Entry:
    which = meter_called(one.meter_no, one.nickname)
    return Entry("purchase", text("tokens.row", paid=one.paid, which=which), str(one.purchase_id), _detail(one))


def _detail(one: ShownPurchase) -> Text:
    if one.bought_on is None:
        return text("tokens.amount", kwh=one.kwh)
    return text("tokens.detail", kwh=one.kwh, bought=one.bought_on)
