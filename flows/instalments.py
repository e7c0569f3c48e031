"""A customer agrees to pay a large invoice in instalments, within the limits of the business."""

from functools import cached_property
from uuid import UUID

from domain.dunning.plans import (
    FEWEST_PARTS,
    Agreed,
    CannotAgree,
    Owing,
    active_plan_of,
    agree,
    check_plan,
    owing_of,
    parts_of,
    parts_of_plan,
)
from domain.dunning.rules import Rules, rules_of
from domain.dunning.tables import CUSTOMER
from flows.echo import CODE_CHOICES, STEPS, Echo
from flows.flow import Entry, Go, Reply
from flows.reply import reply
from locales.text import Code, Text, counted, text

# What a list holds beside the way back, and how many choices of parts are shown at most.
_MOST = 9
_REFUSALS = {
    "off": text("instalments.off"),
    "too_small": text("instalments.off"),
    "broken_before": text("instalments.broken_before"),
    "disputed": text("instalments.disputed"),
    "locked": text("link.locked"),
}


class Instalments(Echo):
    """Asks which invoice and in how many parts, shows them with their days, and agrees."""

    name = "instalments"
    states = ("which", "number", "confirm", "code", "done", "refused", "planned")
    needs_account = True
    script = (
        ("which", "to_split", "number"),
        ("which", "only", "number"),
        ("which", "nothing", "refused"),
        ("which", "has_plan", "planned"),
        ("number", "some_parts", "confirm"),
        ("number", "nothing", "refused"),
        ("confirm", "confirm_plan", "code"),
        *STEPS,
    )
    heard_choices = CODE_CHOICES | {"to_split", "only", "nothing", "has_plan", "some_parts"}
    confirms = frozenset({"confirm", "code"})

    def ask_which(self) -> Reply | Go:
        """Ask which invoice, where more than one is large enough."""
        named = [one for one in self._open if one.invoice_no == self.memo.get("chosen")]
        suiting = [one for one in named or self._open if self._refusal_of(one) is None]
        if len(suiting) == 1:
            return self.choose("only")
        if not suiting:
            return self.choose("has_plan" if any(one.planned for one in named or self._open) else "nothing")
        rows = tuple(
            Entry("to_split", text("invoices.number", invoice=Code(one.invoice_no)), one.invoice_no,
                  text("instalments.owed", owed=one.owed))
            for one in suiting[:_MOST]
        )  # fmt: skip
        return reply(text("instalments.which"), entries=(*rows, Entry("menu", text("menu.back"))))

    def on_to_split(self) -> None:
        """Stay with the chosen one."""
        self.memo["chosen"] = self.arg

    def on_only(self) -> None:
        """There is one that suits."""
        named = [one for one in self._open if one.invoice_no == self.memo.get("chosen")]
        self.memo["chosen"] = next(
            one.invoice_no for one in named or self._open if self._refusal_of(one) is None
        )  # fmt: skip

    def on_nothing(self) -> None:
        """Remember why not."""
        named = [one for one in self._open if one.invoice_no == self.memo.get("chosen")]
        self.memo["refused"] = next((self._refusal_of(one) for one in named or self._open), None) or "none"

    def ask_number(self) -> Reply | Go:
        """Ask in how many parts."""
        one = self._chosen
        if one is None or self._refusal_of(one) is not None:
            return self.choose("nothing")
        numbers = range(FEWEST_PARTS, min(self._rules.instalments_most, FEWEST_PARTS + _MOST - 1) + 1)
        entries = tuple(
            Entry("some_parts", counted("instalments.number", number), str(number),
                  text("instalments.each", amount=parts_of(one.owed, number, self.turn.today)[0].amount))
            for number in numbers
        )  # fmt: skip
        said = text("instalments.how_many", invoice=Code(one.invoice_no), owed=one.owed)
        return reply(said, entries=(*entries, Entry("menu", text("menu.back"))))

    def on_some_parts(self) -> None:
        """Remember how many."""
        self.memo["number"] = int(self.arg or 0)

    def ask_confirm(self) -> Reply | Go:
        """Show every part, and ask."""
        one = self._chosen
        if one is None:
            return Go("instalments")
        parts = parts_of(one.owed, self._number, self.turn.today)
        listed = tuple(text("instalments.part", amount=part.amount, due=part.due_date) for part in parts)
        head = text("instalments.confirm", invoice=Code(one.invoice_no))
        ways = (Entry("confirm_plan", text("instalments.yes")), Entry("menu", text("instalments.no")))
        return reply((head, *listed), text("instalments.terms"), entries=ways)

    def on_confirm_plan(self) -> None:
        """Make sure who they are."""
        self.send_code()

    def subject(self) -> str:
        """Return for which invoice, as it stands now, and in how many parts."""
        one = self._chosen
        return f"instalments {one.invoice_id} {one.owed.minor} {self._number}" if one else "instalments"

    def act(self) -> None:
        """Agree, unless that can't be any more."""
        one, turn = self._chosen, self.turn
        if one is None:
            self.memo["refused"] = "not_owed"
            return
        try:
            agreed = Agreed(CUSTOMER, turn.today)
            agree(turn.visit, turn.desk.business_id, one.invoice_id, self._number, self._rules, agreed)
        except CannotAgree as refusal:
            self.memo["refused"] = refusal.code
        self.__dict__.pop("_open", None)

    def ask_done(self) -> Reply:
        """Say what was agreed."""
        if "refused" in self.memo:
            return self.ask_refused()
        return self._plan_shown(text("instalments.done", invoice=Code(self.memo["chosen"])))

    def ask_planned(self) -> Reply:
        """Show what was agreed before."""
        one = next(one for one in self._open if one.planned)
        return self._plan_shown(text("instalments.planned", invoice=Code(one.invoice_no)), one)

    def ask_refused(self) -> Reply:
        """Say why not, and what is possible instead."""
        said = _REFUSALS.get(self.memo.get("refused", ""), text("instalments.none"))
        ways = (Entry("pay", text("menu.pay")), Entry("agent", text("menu.agent")), Entry("menu", text("menu.back")))
        return reply(said, entries=ways)

    def _plan_shown(self, head: Text, one: Owing | None = None) -> Reply:
        one = one or self._chosen
        plan_id = active_plan_of(self.turn.visit, one.invoice_id) if one else None
        parts = parts_of_plan(self.turn.visit, plan_id, one.owed.currency) if one and plan_id else ()
        listed = tuple(text("instalments.part", amount=part.amount, due=part.due_date) for part in parts)
        return reply((head, *listed), entries=(Entry("pay", text("menu.pay")), Entry("menu", text("menu.back"))))

    def _refusal_of(self, one: Owing) -> str | None:
        try:
            check_plan(one, self._rules, by_customer=True)
        except CannotAgree as refusal:
            return refusal.code
        return None

    @property
    def _chosen(self) -> Owing | None:
        return next((one for one in self._open if one.invoice_no == self.memo.get("chosen")), None)

    @property
    def _number(self) -> int:
        return int(self.memo.get("number") or FEWEST_PARTS)

    @cached_property
    def _open(self) -> list[Owing]:
        return owing_of(self.turn.visit, self._customer_id, _MOST * 4)

    @cached_property
    def _rules(self) -> Rules:
        return rules_of(self.turn.visit, self.turn.desk.business_id)

    @property
    def _customer_id(self) -> UUID:
        account = self.turn.account
        assert account is not None  # noqa: S101  the engine sees to it: this flow needs an account
        return account.customer_id
