"""The customer's subscriptions."""

from collections.abc import Iterator
from typing import Final

from domain.shown_subscriptions import ShownSubscription, subscriptions_of
from domain.subscriptions import PAUSED, STOPPED
from flows.flow import Entry, Flow, Reply
from flows.reply import Paragraph, reply
from locales.text import Code, Name, Text, counted, text

_MOST: Final = 8


class Subscription(Flow):
    """Tells of each subscription whether it runs, until when, and how many days are left or kept."""

    name = "subscription"
    states = ("shown",)
    needs_account = True

    def ask_shown(self) -> Reply:
        """Tell it; what is to be changed is a person's work for now."""
        turn = self.turn
        assert turn.account is not None  # noqa: S101  the engine sees to it: this flow needs an account
        found = subscriptions_of(turn.visit, turn.account.customer_id, turn.today, _MOST)
        return reply(*self._paragraphs(found), entries=tuple(self._entries(found)))

    def _paragraphs(self, found: list[ShownSubscription]) -> Iterator[Paragraph]:
        if not found:
            yield text("subscription.none")
            return
        for one in found:
            yield (self._head(one), *self._state(one))
        yield text("subscription.change")

    def _head(self, one: ShownSubscription) -> Text:
        return text("subscription.plan", plan=Name(one.plan_in(self.turn.language)), reference=Code(one.reference))

    def _state(self, one: ShownSubscription) -> Iterator[Text]:
        if one.status == PAUSED and one.paused_on is not None:
            yield text("subscription.paused", paused_on=one.paused_on)
            yield counted("subscription.kept", one.days_left)
        elif one.status == STOPPED and one.stopped_on is not None:
            yield text("subscription.stopped", stopped_on=one.stopped_on)
        elif one.runs_on(self.turn.today):
            yield from self._running(one)
        else:
            yield text("subscription.ended", last_day=one.last_day)

    def _running(self, one: ShownSubscription) -> Iterator[Text]:
        if one.has_begun(self.turn.today):
            yield text("subscription.active")
            yield text("subscription.last_day", last_day=one.last_day)
            yield counted("subscription.left", one.days_left)
        else:
            yield text("subscription.begins", begins=one.start_date)
            yield text("subscription.last_day", last_day=one.last_day)

    def _entries(self, found: list[ShownSubscription]) -> Iterator[Entry]:
        if found:
            yield Entry("agent", text("menu.agent"))
        if len(self.turn.accounts) > 1:
            yield Entry("accounts", text("menu.accounts"))
        yield Entry("menu", text("menu.back"))
