"""A customer renews a subscription: from the wallet, or by what it lacks."""

from datetime import date, timedelta
from functools import cached_property
from uuid import UUID

from domain.money import Money
from domain.subscriptions.history import By, Change
from domain.subscriptions.holding import Holding
from domain.subscriptions.renewing import Offer, offer_of, renew_from_wallet
from domain.subscriptions.states import CANCELLED, RENEW, may
from domain.wallet import wallet_of
from flows.echo import CODE_CHOICES, STEPS
from flows.flow import Entry, Go, Reply
from flows.holding import OneSubscription
from flows.online import online_ways
from flows.reply import reply
from locales.speech import in_both
from locales.text import counted, text


class Renew(OneSubscription):
    """Says what it costs and until when it would run, and takes the money from the wallet."""

    name = "renew"
    states = ("which", "offered", "code", "done", "refused", "short")
    needs_account = True
    script = (
        ("which", "one", "offered"),
        ("which", "only", "offered"),
        ("which", "none", "refused"),
        ("offered", "confirm_renew", "code"),
        ("offered", "by_link", "short"),
        ("offered", "by_sadad", "short"),
        *STEPS,
    )
    heard_choices = CODE_CHOICES | {"one", "only", "none"}
    confirms = frozenset({"offered", "code"})
    nothing_suits = text("subscription.none")

    def suits(self, held: Holding) -> bool:
        """Whatever was no mistake."""
        return held.term.status != CANCELLED

    def ask_offered(self) -> Reply | Go:
        """Say what it costs, until when it would run, and how it can be paid."""
        held = self.held
        if held is None:
            return Go("subscription")
        offer = self._offer(held)
        said = (
            counted("renew.offer", offer.days, plan=self.plan_of(held), price=offer.price),
            text("renew.last_day", renewed=self._renewed_until(held, offer.days)),
        )
        missing = self._missing(offer)
        if not missing.minor:
            yes = Entry("confirm_renew", text("renew.yes"))
            no = Entry("menu", text("menu.back"))
            return reply(said, text("renew.from_wallet", wallet=self._wallet), entries=(yes, no))
        ways = online_ways(self.turn, missing)
        short = text("buy.short", wallet=self._wallet, missing=missing)
        if not ways:
            return reply(said, (short, text("renew.how")), entries=self.ways_on())
        return reply(said, (short, text("buy.pay_missing")), entries=(*ways, Entry("menu", text("menu.back"))))

    def on_confirm_renew(self) -> None:
        """Make sure who they are."""
        self.send_code()

    def do(self, held: Holding, by: By) -> Change:
        """Take the money, and renew it."""
        turn = self.turn
        change = renew_from_wallet(turn.visit, turn.desk.business_id, held.id, by, in_both(text("renew.rounding")))
        self.memo["last_day"], self.memo["invoice"] = change.after.term.last_day.isoformat(), str(change.invoice_id)
        return change

    def ask_done(self) -> Reply:
        """Say until when it runs now, and where its invoice is."""
        held = self.held
        if held is None or "refused" in self.memo:
            return self.ask_refused()
        link = self.turn.link_to(UUID(self.memo["invoice"]), self.turn.language)
        said = text("renew.done", plan=self.plan_of(held), last_day=date.fromisoformat(self.memo["last_day"]))
        return reply(said, text("paid.document", link=link), entries=self.ways_on())

    def on_by_link(self) -> None:
        """What is missing shall be paid by link."""
        self.memo["way"] = "by_link"

    def on_by_sadad(self) -> None:
        """What is missing shall be paid by SADAD."""
        self.memo["way"] = "by_sadad"

    def ask_short(self) -> Go:
        """Go on to where what is missing in the wallet is paid."""
        held = self.held
        missing = self._missing(self._offer(held)).minor if held else 0
        if held is None or not missing:
            return Go("renew")
        return Go("pay_renewal", {"subscription": str(held.id), "missing": missing, "way": self.memo["way"]})

    def wished(self) -> str:
        """Return what would be taken."""
        held = self.held
        return str(self._offer(held).price.minor) if held else ""

    def _offer(self, held: Holding) -> Offer:
        return offer_of(self.turn.visit, held)

    def _renewed_until(self, held: Holding, days: int) -> date:
        runs = may(held.term.status, RENEW)
        return (held.term.last_day if runs else self.turn.today - timedelta(days=1)) + timedelta(days=days)

    def _missing(self, offer: Offer) -> Money:
        return Money(max(offer.price.minor - self._wallet.minor, 0), offer.price.currency)

    @cached_property
    def _wallet(self) -> Money:
        turn, account = self.turn, self.turn.account
        if account is None:
            return Money(0, turn.desk.currency)
        return wallet_of(turn.visit, account.customer_id, turn.desk.currency)
