"""The customer's subscriptions: how they stand, and what ever became of them."""

from collections.abc import Iterator
from typing import Any, Final

from domain.subscriptions.holding import Holding
from domain.subscriptions.states import ACTIVE, CANCELLED, PAUSED, PENDING, STOPPED
from domain.subscriptions.term import days_remaining
from domain.subscriptions.wall import zone_of
from flows.flow import Entry, Reply
from flows.holding import OneSubscription
from flows.reply import Paragraph, reply
from locales.text import Code, Text, counted, text

_MOST_TOLD: Final = 10
_HISTORY: Final = """
    SELECT subscription_id, action, changed_at FROM subscription_change
    WHERE subscription_id = ANY(%(ids)s) ORDER BY changed_at DESC, seq DESC LIMIT %(most)s
"""


class Subscription(OneSubscription):
    """Tells of each subscription whether it runs, until when, and how many days are left or kept."""

    name = "subscription"
    states = ("shown", "told")
    script = (("shown", "history", "told"),)
    needs_account = True
    looks = frozenset({"shown", "told"})
    secret_states = frozenset()

    def ask_shown(self) -> Reply:
        """Tell it, and what may be done."""
        return reply(*self._paragraphs(), entries=tuple(self._entries()))

    def ask_told(self) -> Reply:
        """Tell what happened, the newest first."""
        ids = [one.id for one in self.holdings]
        rows = self.turn.visit.ask(_HISTORY, {"ids": ids, "most": _MOST_TOLD})
        lines = tuple(self._line(*row) for row in rows) or (text("history.nothing"),)
        ways = (Entry("subscription", text("menu.subscription")), Entry("menu", text("menu.back")))
        return reply((text("history.title"), *lines), entries=ways)

    def _line(self, subscription_id: Any, action: str, at: Any) -> Text:
        held = next(one for one in self.holdings if one.id == subscription_id)
        what = text(f"history.{action}")
        return text("history.line", day=at.astimezone(zone_of(held.zone)).date(), what=what, plan=self.plan_of(held))

    def _paragraphs(self) -> Iterator[Paragraph]:
        if not self.holdings:
            yield text("subscription.none")
        for one in self.holdings:
            yield (self._head(one), *self._state(one))

    def _head(self, one: Holding) -> Text:
        return text("subscription.plan", plan=self.plan_of(one), reference=Code(one.reference))

    def _state(self, one: Holding) -> Iterator[Text]:
        term = one.term
        if term.status == PAUSED and term.paused is not None:
            yield from self._paused(one)
        elif term.status == STOPPED and term.stopped_on is not None:
            yield text("subscription.stopped", stopped_on=term.stopped_on)
        elif term.status == CANCELLED:
            yield text("subscription.cancelled")
        elif term.status in {ACTIVE, PENDING}:
            yield from self._running(one)
        else:
            yield text("subscription.ended", last_day=term.last_day)

    def _paused(self, one: Holding) -> Iterator[Text]:
        term = one.term
        if term.paused is not None:
            yield text("subscription.paused", paused_on=term.paused.day)
        yield counted("subscription.kept", days_remaining(term, self.turn.today))
        if term.resume_on is not None:
            yield text("subscription.resumes", resumes=term.resume_on)

    def _running(self, one: Holding) -> Iterator[Text]:
        term = one.term
        if term.status == PENDING:
            yield text("subscription.begins", begins=term.start)
            yield text("subscription.last_day", last_day=term.last_day)
            return
        yield text("subscription.active")
        yield text("subscription.last_day", last_day=term.last_day)
        yield counted("subscription.left", days_remaining(term, self.turn.today))
        if term.pause_from is not None:
            yield text("subscription.planned", begins=term.pause_from)

    def _entries(self) -> Iterator[Entry]:
        terms = [one.term for one in self.holdings]
        if any(term.status == ACTIVE and term.pause_from is None for term in terms):
            yield Entry("pause", text("subscription.pause"))
        if any(term.paused or term.pause_from for term in terms):
            planned = not any(term.paused for term in terms)
            yield Entry("resume", text("subscription.unplan") if planned else text("subscription.resume"))
        if terms:
            yield Entry("renew", text("subscription.renew"))
            yield Entry("history", text("subscription.history"))
        if len(self.turn.accounts) > 1:
            yield Entry("accounts", text("menu.accounts"))
        yield Entry("menu", text("menu.back"))
