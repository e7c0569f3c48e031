"""Somebody's meter does not take a token: what it was for, what may be wrong, and a ticket if that does not help."""

from typing import Any, Final
from uuid import UUID

from domain.purchases.questions import ask_meter
from domain.purchases.shown import ShownPurchase, latest_of, purchase_with
from domain.shown_meters import ShownMeter, meters_of
from domain.sts.digits import from_digits
from domain.sts.errors import StsError
from domain.vendors.results import TokenKind
from flows.flow import Entry, Flow, Go, Reply
from flows.heard import Heard
from flows.nearly import group_of, nearest, wrong_group
from flows.normalise import normalise
from flows.purchased import meter_called, token_lines, what_for
from flows.reply import reply
from locales.text import Code, Text, counted, text

_LENGTH = 20
_MOST: Final = 20
_VENDING: Final = "vending"


class TokenTrouble(Flow):
    """Takes the digits, and says whether they are one of this customer's tokens, for which meter, or nearly one.

    What is none of theirs is looked at by a worker, by the meter's key or at the vendor; the answer comes by itself.
    """

    name = "token_trouble"
    states = ("asking", "known", "nearly", "which", "checking", "unknown", "reported")
    script = (
        ("asking", "ours", "known"),
        ("asking", "nearly_ours", "nearly"),
        ("asking", "not_ours", "which"),
        ("asking", "again", "asking"),
        ("known", "report_token", "reported"),
        ("nearly", "other_digits", "asking"),
        ("nearly", "report_token", "reported"),
        ("which", "at_this", "checking"),
        ("which", "only_one", "checking"),
        ("which", "no_meter", "unknown"),
        ("checking", "other_digits", "asking"),
        ("checking", "report_token", "reported"),
        ("unknown", "other_digits", "asking"),
        ("unknown", "report_token", "reported"),
    )
    needs_account = True
    heard_choices = frozenset({"ours", "nearly_ours", "not_ours", "again", "at_this", "only_one", "no_meter"})

    def ask_asking(self) -> Reply:
        """Ask for the digits."""
        return reply(text("trouble.digits"), entries=(Entry("tokens", text("trouble.see_tokens")),))

    def hear_asking(self, heard: Heard) -> str | None:
        """Take the digits, however they are grouped."""
        digits = "".join(letter for letter in normalise(heard.text) if letter.isdigit())
        if not digits:
            return None
        self.memo["digits"] = digits
        if self._known(digits) is not None:
            return "ours"
        if nearest(digits, self._own_digits()) is not None:
            return "nearly_ours"
        wrong = _wrong_with(digits)
        if wrong is not None:
            self.turn.first_say(wrong)
            return "again"
        return "not_ours"

    def ask_known(self) -> Reply | Go:
        """Say which meter it is for, and what usually is the reason."""
        known = self._known(self.memo["digits"])
        if known is None:
            return Go("tokens")
        token = next(one for one in known.tokens if one.digits == self.memo["digits"])
        keys = any(one.kind is TokenKind.KEY_CHANGE for one in known.tokens)
        values = what_for(known)
        is_key = token.kind is TokenKind.KEY_CHANGE
        head = text("trouble.is_key", **values) if is_key else text("trouble.is_yours", **values)
        hints = (text("trouble.used"), text("trouble.retype"), *((text("trouble.keys_first"),) if keys else ()))
        entries = (Entry("report_token", text("trouble.report")), Entry("menu", text("menu.back")))
        return reply(head, hints, *token_lines(known), entries=entries)

    def ask_nearly(self) -> Reply | Go:
        """Say where the digits are not those of the token that was probably meant, and show it."""
        typed = self.memo["digits"]
        meant = nearest(typed, self._own_digits())
        known = self._known(meant) if meant else None
        if meant is None or known is None:
            return Go("tokens")
        number = wrong_group(typed, meant)
        head = text("trouble.nearly", **what_for(known))
        values = {"typed": Code(group_of(typed, number)), "right": Code(group_of(meant, number))}
        where = text("trouble.wrong_group", group=Code(str(number)), **values)
        return reply((head, where), *token_lines(known), entries=self._ways_on())

    def ask_which(self) -> Reply | Go:
        """Ask which meter does not take it, unless there is only one."""
        meters = self._meters()
        if len(meters) == 1:
            self.memo["meter_no"] = meters[0].meter_no
        if len(meters) <= 1:
            return self.choose("only_one" if meters else "no_meter")
        entries = [Entry("at_this", meter_called(one.meter_no, one.nickname), one.meter_no) for one in meters]
        return reply(text("trouble.which"), entries=(*entries, Entry("menu", text("menu.back"))))

    def on_at_this(self) -> None:
        """At this one: have it looked at."""
        self.memo["meter_no"] = self.arg
        self._let_check()

    def on_only_one(self) -> None:
        """Have it looked at."""
        self._let_check()

    def ask_checking(self) -> Reply | Go:
        """Say that the answer comes."""
        one = self._at
        if one is None:
            return Go("token_trouble")
        said = text("trouble.checking", which=meter_called(one.meter_no, one.nickname))
        return reply(said, entries=self._ways_on())

    def ask_unknown(self) -> Reply:
        """Say that it is none of theirs."""
        return reply(text("trouble.unknown"), entries=self._ways_on())

    def ask_reported(self) -> Go:
        """Go on with a report of the meter."""
        return Go("report", {"meant": "meter_fault"})

    def _let_check(self) -> None:
        one, turn = self._at, self.turn
        if one is None:
            return
        asked: dict[str, Any] = {"business_id": turn.desk.business_id, "meter_id": one.meter_id}
        asked |= {"conversation_id": turn.opening.conversation_id, "customer_id": self._customer_id}
        ask_meter(turn.visit, asked, self.memo["digits"])
        turn.wake(_VENDING)

    def _known(self, digits: str) -> ShownPurchase | None:
        return purchase_with(self.turn.visit, self._customer_id, digits)

    def _own_digits(self) -> list[str]:
        latest = latest_of(self.turn.visit, self._customer_id, _MOST)
        return [token.digits for one in latest for token in one.tokens]

    def _meters(self) -> list[ShownMeter]:
        return [one for one in meters_of(self.turn.visit, self._customer_id, _MOST) if one.network == "sts"]

    @property
    def _at(self) -> ShownMeter | None:
        return next((one for one in self._meters() if one.meter_no == self.memo.get("meter_no")), None)

    def _ways_on(self) -> tuple[Entry, ...]:
        return (
            Entry("other_digits", text("trouble.other_digits")),
            Entry("tokens", text("trouble.see_tokens")),
            Entry("report_token", text("trouble.report")),
            Entry("menu", text("menu.back")),
        )

    @property
    def _customer_id(self) -> UUID:
        account = self.turn.account
        assert account is not None  # noqa: S101  the engine sees to it: this flow needs an account
        return account.customer_id


def _wrong_with(digits: str) -> Text | None:
    """Return what is wrong with the digits themselves, whosever token it is."""
    if len(digits) != _LENGTH:
        return counted("trouble.length", len(digits))
    try:
        from_digits(digits)
    except StsError:
        return text("trouble.no_token")
    return None
