"""What the flows have in common in which something is paid through a gateway: by link, or by a SADAD bill.

A turn asks no gateway. It writes the attempt down; a worker has the link or the bill made, and says it in the chat.
Such a flow has the steps of ONLINE in its script, leads to `waiting` by `by_link` and `by_sadad`, and says in `wanted`
what is to be paid.
"""

from typing import ClassVar, Final
from uuid import UUID

from domain.money import Money
from domain.payments import PAYMENTS
from domain.payments.asking import ask_at_once
from domain.payments.reading import Payment, payment_of
from domain.payments.starting import Wanted, start_payment
from domain.payments.states import CREATED, IN_DOUBT, PAID, PENDING
from domain.payments.tables import LINK, SADAD
from flows.flow import Entry, Flow, Go, Reply, Step
from flows.how_to_pay import how_to_pay
from flows.reply import Paragraph, reply
from flows.turn import Turn
from locales.text import Text, text

ONLINE: Final[tuple[Step, ...]] = (("waiting", "i_paid", "asked"), ("asked", "i_paid", "asked"))
# The least that each takes, in minor units; SADAD knows riyals only.
LEAST: Final = {LINK: 100, SADAD: 10_000}
_SADAD_CURRENCY: Final = "SAR"


class Online(Flow):
    """What such a flow is made from."""

    name = "online"
    states: ClassVar[tuple[str, ...]] = ("waiting", "asked")
    script: ClassVar[tuple[Step, ...]] = ONLINE

    def wanted(self, method: str) -> Wanted:
        """Return what is to be paid, by `method`."""
        raise NotImplementedError

    def on_by_link(self) -> None:
        """A link is wanted."""
        self._begin(LINK)

    def on_by_sadad(self) -> None:
        """A SADAD bill is wanted."""
        self._begin(SADAD)

    def on_i_paid(self) -> None:
        """They say that they have paid: the gateway is asked at once."""
        ask_at_once(self.turn.visit, self._customer)
        self.turn.wake(PAYMENTS)

    def ask_waiting(self) -> Reply | Go:
        """Say how it is paid, or that this comes in a moment."""
        payment = payment_of(self.turn.visit, UUID(self.memo["payment"]))
        return reply(*_standing(payment), entries=self._ways_on())

    def ask_asked(self) -> Reply:
        """Say that we ask."""
        return reply(text("pay.asking"), entries=self._ways_on())

    def _begin(self, method: str) -> None:
        self.memo["payment"] = str(start_payment(self.turn.visit, self.wanted(method)))
        self.turn.wake(PAYMENTS)

    def _ways_on(self) -> tuple[Entry, ...]:
        return (Entry("i_paid", text("pay.i_paid")), Entry("menu", text("menu.back")))

    @property
    def _customer(self) -> UUID:
        account = self.turn.account
        assert account is not None  # noqa: S101  the engine sees to it: such a flow needs an account
        return account.customer_id


def online_ways(turn: Turn, amount: Money) -> tuple[Entry, ...]:
    """Return the ways in which a gateway takes so much."""
    ways = (Entry("by_link", text("pay.by_link")), Entry("by_sadad", text("pay.by_sadad")))
    return tuple(way for way, method in zip(ways, (LINK, SADAD), strict=True) if _takes(turn, method, amount))


def _takes(turn: Turn, method: str, amount: Money) -> bool:
    known = method != SADAD or amount.currency == _SADAD_CURRENCY
    return turn.pays_online and known and amount.minor >= LEAST[method]


def _standing(payment: Payment) -> tuple[Paragraph, ...]:
    if payment.status == PENDING:
        return how_to_pay(payment)
    return (_coming(payment),)


def _coming(payment: Payment) -> Text:
    if payment.status in {CREATED, IN_DOUBT}:
        return text("pay.bill_comes" if payment.method == SADAD else "pay.link_comes")
    return text("pay.has_come" if payment.status == PAID or payment.received else "pay.over")
