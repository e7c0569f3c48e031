"""A customer pays what the wallet lacks for electricity or a renewal: by link, or by a SADAD bill."""

from uuid import UUID

from domain.money import Money
from domain.payments.starting import Wanted
from domain.payments.tables import LINK, PURCHASE, RENEWAL
from domain.purchases.booking import await_payment
from flows.flow import Entry, Go, Reply
from flows.online import LEAST, ONLINE, Online
from flows.reply import reply
from locales.text import text


class PayRenewal(Online):
    """Has a link or a bill made for what is missing; when the money comes, the subscription is renewed by itself."""

    name = "pay_renewal"
    states = ("beginning", "waiting", "asked")
    needs_account = True
    script = (("beginning", "by_link", "waiting"), ("beginning", "by_sadad", "waiting"), *ONLINE)

    def ask_beginning(self) -> Reply | Go:
        """Begin in the way that was chosen."""
        return self.choose(self.memo["way"])

    def wanted(self, method: str) -> Wanted:
        """Return what is missing, for the renewal."""
        turn = self.turn
        return Wanted(
            turn.desk.business_id,
            self._customer,
            method,
            Money(max(self.memo["missing"], LEAST[LINK]), turn.desk.currency),
            RENEWAL,
            subscription_id=UUID(self.memo["subscription"]),
            conversation_id=turn.opening.conversation_id,
        )


class PayPurchase(Online):
    """Has a link or a bill made for what is missing; when the money comes, the purchase goes on by itself."""

    name = "pay_purchase"
    states = ("beginning", "waiting", "asked", "over")
    needs_account = True
    script = (
        ("beginning", "by_link", "waiting"),
        ("beginning", "by_sadad", "waiting"),
        *ONLINE,
        ("waiting", "ended", "over"),
    )
    heard_choices = frozenset({"ended"})

    def ask_beginning(self) -> Reply | Go:
        """Begin in the way that was chosen."""
        return self.choose(self.memo["way"])

    def ask_waiting(self) -> Reply | Go:
        """Say how it is paid, unless the quote had run out."""
        return super().ask_waiting() if "payment" in self.memo else self.choose("ended")

    def ask_over(self) -> Reply:
        """Say that it must be begun anew."""
        return reply(text("buy.expired"), entries=(Entry("buy", text("menu.buy")), Entry("menu", text("menu.back"))))

    def wanted(self, method: str) -> Wanted:
        """Return what is missing, for the purchase."""
        turn = self.turn
        return Wanted(
            turn.desk.business_id,
            self._customer,
            method,
            Money(max(self.memo["missing"], LEAST[LINK]), turn.desk.currency),
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
