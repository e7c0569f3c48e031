"""What the flows about one subscription have in common: which one it is, how it stands, and why not."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any, ClassVar, Final

from domain import clock
from domain.subscriptions.changing import as_of_today
from domain.subscriptions.history import By, Change
from domain.subscriptions.holding import Holding, holdings_of
from domain.subscriptions.rules import Refused, Rules, rules_of
from domain.subscriptions.states import IllegalTransition
from domain.subscriptions.tables import CUSTOMER
from domain.subscriptions.wall import Moment, moment_of
from flows.echo import Echo
from flows.flow import Entry, Go, Reply
from flows.reply import reply
from locales.text import Code, Name, Text, Value, text

MOST: Final = 8
_PLANS: Final = "SELECT id, name_en, name_ar FROM plan WHERE id = ANY(%(ids)s)"
_REFUSALS: Final[Mapping[str, Text]] = {
    "in_the_past": text("refused.in_the_past"),
    "after_the_end": text("refused.after_the_end"),
    "nothing_left": text("refused.nothing_left"),
    "already_scheduled": text("refused.already_scheduled"),
    "not_scheduled": text("refused.changed"),
    "overdue_invoice": text("refused.overdue_invoice"),
    "wallet_too_little": text("buy.wallet_changed"),
    "changed": text("refused.changed"),
    "locked": text("link.locked"),
}


class OneSubscription(Echo):
    """A flow about one subscription of those that suit it."""

    name = "one_subscription"
    states: ClassVar[tuple[str, ...]] = ("code", "done", "refused")
    nothing_suits: Text

    def suits(self, held: Holding) -> bool:
        """Tell whether this is about such a subscription at all."""
        raise NotImplementedError

    def do(self, held: Holding, by: By) -> Change:
        """Change the subscription."""
        raise NotImplementedError

    def ask_which(self) -> Reply | Go:
        """Ask which one, where more than one suits."""
        suiting = [one for one in self.holdings if self.suits(one)]
        if not suiting:
            return self.choose("none")
        if len(suiting) == 1:
            self.memo["reference"] = suiting[0].reference
            return self.choose("only")
        entries = tuple(
            Entry("one", text("accounts.name", name=self.plan_of(one)), one.reference,
                  text("subscription.number", reference=Code(one.reference)))
            for one in suiting
        )  # fmt: skip
        return reply(text("subscription.which"), entries=entries)

    def on_one(self) -> None:
        """Stay with the chosen one."""
        self.memo["reference"] = self.arg

    def on_none(self) -> None:
        """Nothing suits."""
        self.memo["refused"] = "nothing_suits"

    def ask_refused(self) -> Reply:
        """Say why not, and when it will be possible."""
        said = self.nothing_suits if self.memo.get("refused") == "nothing_suits" else self.refusal()
        return reply(said, entries=self.ways_on())

    def ways_on(self) -> tuple[Entry, ...]:
        """Return what may be chosen at the end."""
        menu = Entry("menu", text("menu.back"))
        return (Entry("subscription", text("menu.subscription")), Entry("agent", text("menu.agent")), menu)

    def subject(self) -> str:
        """Return what would be done, to which subscription, as it stands now."""
        held = self.held
        return f"{self.name} {held.id if held else None} {held.version if held else 0} {self.wished()}"

    def wished(self) -> str:
        """Return with what particulars it would be done."""
        return ""

    def act(self) -> None:
        """Change it, unless that can't be any more."""
        held, account = self.held, self.turn.account
        try:
            if held is None or account is None:
                self.memo["refused"] = "changed"
                return
            self.do(held, By(CUSTOMER, account.account_no, request_id=str(self.turn.opening.message_id)))
        except IllegalTransition:
            self.memo["refused"] = "changed"
        except Refused as refusal:
            self.note(refusal)
        self.__dict__.pop("holdings", None)

    def note(self, refusal: Refused) -> None:
        """Remember why not."""
        self.memo["refused"] = refusal.code
        self.memo["limit"] = refusal.limit
        self.memo["possible"] = refusal.possible_on.isoformat() if refusal.possible_on else None

    def refusal(self) -> Text:
        """Return in words why not."""
        code, possible = self.memo.get("refused", "changed"), self.memo.get("possible")
        day: Value = date.fromisoformat(possible) if possible else self.turn.today
        if code == "pause_too_short":
            return text("refused.pause_too_short", possible=day)
        if code == "pause_too_long":
            return text("refused.pause_too_long", possible=day)
        if code == "too_many_pauses":
            return text("refused.too_many_pauses", limit=int(self.memo.get("limit") or 0))
        return _REFUSALS.get(code, text("refused.changed"))

    @property
    def held(self) -> Holding | None:
        """The chosen subscription, as it stands now."""
        reference = self.memo.get("reference")
        return next((one for one in self.holdings if one.reference == reference), None)

    @property
    def now(self) -> Moment:
        """Now, where the business is."""
        return moment_of(clock.now(), self.turn.desk.timezone)

    @cached_property
    def rules(self) -> Rules:
        """The rules of the business."""
        return rules_of(self.turn.visit, self.turn.desk.business_id)

    @cached_property
    def holdings(self) -> list[Holding]:
        """The customer's subscriptions, with what time has brought them."""
        account = self.turn.account
        found = holdings_of(self.turn.visit, account.customer_id, MOST) if account else []
        return [as_of_today(one, self.now, self.rules) for one in found]

    def plan_of(self, held: Holding) -> Name:
        """Return what its plan is called."""
        return Name(self._plans[held.plan_id])

    @cached_property
    def _plans(self) -> dict[Any, str]:
        rows = self.turn.visit.ask(_PLANS, {"ids": [one.plan_id for one in self.holdings]})
        return {one: name_ar if self.turn.language == "ar" else name_en for one, name_en, name_ar in rows}
