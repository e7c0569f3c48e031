"""What renewing a subscription would cost and bring. Paying is another flow's work; until it comes, a person's."""

from datetime import timedelta
from typing import Final

from domain.money import Money
from domain.subscriptions.holding import Holding
from domain.subscriptions.states import CANCELLED, RENEW, may
from flows.flow import Go, Reply
from flows.holding import OneSubscription
from flows.reply import reply
from locales.text import counted, text

_OFFER: Final = "SELECT days, price_minor FROM plan WHERE id = %(plan_id)s"


class Renew(OneSubscription):
    """Offers to renew a subscription."""

    name = "renew"
    states = ("which", "offered", "refused")
    needs_account = True
    script = (("which", "one", "offered"), ("which", "only", "offered"), ("which", "none", "refused"))
    heard_choices = frozenset({"one", "only", "none"})
    secret_states = frozenset()
    nothing_suits = text("subscription.none")

    def suits(self, held: Holding) -> bool:
        """Whatever was no mistake."""
        return held.term.status != CANCELLED

    def ask_offered(self) -> Reply | Go:
        """Say what it costs, and until when it would run."""
        held = self.held
        if held is None:
            return Go("subscription")
        days, price = self.turn.visit.ask(_OFFER, {"plan_id": held.plan_id})[0]
        runs = may(held.term.status, RENEW)
        from_day = held.term.last_day if runs else self.turn.today - timedelta(days=1)
        said = (
            counted("renew.offer", days, plan=self.plan_of(held), price=Money(price, held.currency)),
            text("renew.last_day", renewed=from_day + timedelta(days=days)),
        )
        return reply(said, text("renew.how"), entries=self.ways_on())
