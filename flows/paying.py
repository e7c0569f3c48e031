"""A customer pays for electricity what the wallet lacks: by link, or by a SADAD bill."""

from uuid import UUID

from domain.money import Money
from domain.payments.starting import Wanted
from domain.payments.tables import LINK, PURCHASE
from domain.purchases.booking import await_payment
from domain.wallet import wallet_of
from flows.flow import Entry, Go, Reply
from flows.online import LEAST, ONLINE, Online
from flows.reply import reply
from locales.text import text


class PayPurchase(Online):
    """Asks how, and has a link or a bill made; when the money comes, the purchase goes on by itself."""

    name = "pay_purchase"
    states = ("how", "waiting", "asked", "over")
    needs_account = True
    script = (
        ("how", "by_link", "waiting"),
        ("how", "by_sadad", "waiting"),
        ("how", "ended", "over"),
        *ONLINE,
        ("waiting", "ended", "over"),
    )
    heard_choices = frozenset({"ended"})

    def ask_how(self) -> Reply:
        """Ask how."""
        missing, menu = self._missing, Entry("menu", text("menu.back"))
        wallet = wallet_of(self.turn.visit, self._customer, missing.currency)
        said, ways = text("buy.short", wallet=wallet, missing=missing), self.online_ways(missing)
        if not ways:
            return reply(said, text("buy.no_way"), entries=(Entry("buy", text("menu.buy")), menu))
        return reply(said, text("pay.how_missing"), entries=(*ways, menu))

    def ask_waiting(self) -> Reply | Go:
        """Say how it is paid, unless the purchase had ended meanwhile."""
        return super().ask_waiting() if "payment" in self.memo else self.choose("ended")

    def ask_over(self) -> Reply:
        """Say that it must be begun anew."""
        return reply(text("buy.changed"), entries=(Entry("buy", text("menu.buy")), Entry("menu", text("menu.back"))))

    def wanted(self, method: str) -> Wanted:
        """Return what is missing, for the purchase."""
        turn = self.turn
        return Wanted(
            turn.desk.business_id,
            self._customer,
            method,
            self._missing,
            PURCHASE,
            purchase_id=self._purchase,
            conversation_id=turn.opening.conversation_id,
        )

    def _begin(self, method: str) -> None:
        if await_payment(self.turn.visit, self._purchase):
            super()._begin(method)

    @property
    def _purchase(self) -> UUID:
        return UUID(self.memo["purchase"])

    @property
    def _missing(self) -> Money:
        return Money(max(self.memo["missing"], LEAST[LINK]), self.turn.desk.currency)


def payment_step(purchase_id: UUID, missing: Money) -> Go:
    """Return the way on for whoever has too little in the wallet for a purchase."""
    return Go(PayPurchase.name, {"purchase": str(purchase_id), "missing": missing.minor})
