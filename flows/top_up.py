"""A customer fills the wallet."""

from domain.money import Money, decimals
from domain.payments.starting import Wanted
from domain.payments.tables import LINK, TOP_UP
from flows.amounts import amount_in
from flows.flow import Entry, Reply
from flows.heard import Heard
from flows.online import LEAST, ONLINE, Online, online_ways
from flows.reply import reply
from locales.text import text

# What is offered, in whole units of the currency, and the most that is taken at once.
_OFFERED = (50, 100, 200)
_MOST = 10_000


class TopUp(Online):
    """Asks how much and how, and has a link or a bill made."""

    name = "top_up"
    states = ("how_much", "how", "waiting", "asked")
    needs_account = True
    script = (
        ("how_much", "sum", "how"),
        ("how_much", "again", "how_much"),
        ("how", "by_link", "waiting"),
        ("how", "by_sadad", "waiting"),
        *ONLINE,
    )
    heard_choices = frozenset({"sum", "again"})

    def ask_how_much(self) -> Reply:
        """Ask how much."""
        entries = tuple(
            Entry("sum", text("topup.sum", amount=amount), str(amount.minor)) for amount in map(self._whole, _OFFERED)
        )
        return reply(text("topup.how_much"), entries=entries)

    def on_sum(self) -> None:
        """Remember it."""
        if self.arg is not None:
            self.memo["minor"] = int(self.arg)

    def hear_how_much(self, heard: Heard) -> str | None:
        """Take an amount."""
        amount = amount_in(heard.text, self.turn.desk.currency)
        if amount is None:
            return None
        most = self._whole(_MOST)
        if not LEAST[LINK] <= amount.minor <= most.minor:
            least = Money(LEAST[LINK], amount.currency)
            self.turn.first_say(text("topup.limits", least=least, most=most))
            return "again"
        self.memo["minor"] = amount.minor
        return "sum"

    def ask_how(self) -> Reply:
        """Ask how."""
        ways = online_ways(self.turn, self._amount)
        if not ways:
            return reply(text("pay.no_way"), entries=(Entry("agent", text("menu.agent")),))
        return reply(text("topup.how", amount=self._amount), entries=(*ways, Entry("menu", text("menu.back"))))

    def wanted(self, method: str) -> Wanted:
        """Return the amount, for the wallet."""
        turn = self.turn
        conversation = turn.opening.conversation_id
        return Wanted(
            turn.desk.business_id, self._customer, method, self._amount, TOP_UP, conversation_id=conversation
        )  # fmt: skip

    @property
    def _amount(self) -> Money:
        return Money(self.memo["minor"], self.turn.desk.currency)

    def _whole(self, units: int) -> Money:
        currency = self.turn.desk.currency
        return Money(units * 10 ** decimals(currency), currency)
