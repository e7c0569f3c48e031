"""The customer's payments."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from domain.money import Money
from domain.payments.shown import ShownPayment, payments_of
from domain.payments.states import CREATED, IN_DOUBT, PENDING
from domain.payments.tables import AT_GATEWAY
from domain.wallet import wallet_of
from flows.flow import Entry, Reply
from flows.online import Online
from flows.reply import Paragraph, reply
from locales.text import Text, text

_MOST = 8
_WAITING = frozenset({CREATED, IN_DOUBT, PENDING})


class Payments(Online):
    """Lists the newest payments and how far each is; asks the gateway about those that are open."""

    name = "payments"
    states = ("shown", "asked")
    script = (("shown", "i_paid", "asked"), ("asked", "i_paid", "asked"))
    needs_account = True
    looks = frozenset({"shown", "asked"})

    def ask_shown(self) -> Reply:
        """List them."""
        found = payments_of(self.turn.visit, self._customer, _MOST)
        waits = any(one.status in _WAITING and one.method in AT_GATEWAY for one in found)
        asks = (Entry("i_paid", text("pay.i_paid")),) if waits else ()
        ways = (Entry("top_up", text("menu.top_up")), Entry("menu", text("menu.back")))
        return reply(*self._paragraphs(found), entries=(*asks, *ways))

    def _paragraphs(self, found: list[ShownPayment]) -> Iterator[Paragraph]:
        held: Money = wallet_of(self.turn.visit, self._customer, self.turn.desk.currency)
        yield text("paid.wallet", wallet=held)
        if found:
            yield (text("payments.title"), *(self._line(one) for one in found))
        else:
            yield text("payments.none")

    def _line(self, one: ShownPayment) -> Text:
        day = one.at.astimezone(ZoneInfo(self.turn.desk.timezone)).date()
        method, status = text(f"payment_method.{one.method}"), text(f"payment_status.{one.status}")
        return text("payments.line", day=day, amount=one.amount, method=method, status=status)
