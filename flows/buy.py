"""A customer buys electricity for a prepaid meter: which one, for how much, what that is, and then the token."""

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Final
from uuid import UUID

from domain.money import Money, decimals
from domain.purchases.booking import CHANGED, DOWN, EXPIRED, TAKEN, TOO_LITTLE, pay
from domain.purchases.health import is_down, wait_for_vendor
from domain.purchases.meters import Vendable, anybodys_meter, masked, own_meters
from domain.purchases.quoting import CannotQuote, Quote, Words, ask, quote
from domain.wallet import wallet_of
from flows.amounts import amount_in, numbers_in
from flows.echo import CODE_CHOICES, STEPS, Echo
from flows.flow import Entry, Go, Reply
from flows.heard import Heard
from flows.normalise import normalise, without_clitics
from flows.online import online_ways
from flows.purchased import meter_called
from flows.reply import Paragraph, reply
from locales.speech import in_both
from locales.text import Code, Name, Text, text

VENDING: Final = "vending"
_MOST: Final = 9
# What is offered as buttons, in whole units of the currency.
_OFFERED: Final = (50, 100, 200)


class Buy(Echo):
    """Asks for the meter and the amount, shows what it buys, and takes the money from the wallet.

    The first message may say it all: "buy 50 for the shop".
    """

    name = "buy"
    states = ("which", "amount", "quote", "code", "done", "refused", "short", "noted")
    needs_account = True
    script = (
        ("which", "one", "amount"),
        ("which", "only", "amount"),
        ("which", "again", "which"),
        ("which", "none", "refused"),
        ("amount", "offered", "quote"),
        ("amount", "typed", "quote"),
        ("amount", "again", "amount"),
        ("amount", "none", "refused"),
        ("quote", "confirm_buy", "code"),
        ("quote", "other_amount", "amount"),
        ("quote", "by_link", "short"),
        ("quote", "by_sadad", "short"),
        ("quote", "none", "refused"),
        *STEPS,
        ("refused", "tell_me", "noted"),
    )
    heard_choices = CODE_CHOICES | {"one", "only", "again", "none", "offered", "typed"}
    confirms = frozenset({"quote", "code"})

    def ask_which(self) -> Reply | Go:
        """Ask for which meter, unless there is only one, or it was said."""
        if is_down(self.turn.visit):
            self.memo["refused"] = DOWN
            return self.choose("none")
        if "begun" not in self.memo:
            # Where it was asked first who they are, the words are those that were said before.
            self._take_words(self.memo.pop("words", self.turn.heard.text))
            if self.memo.get("meter"):
                return self.choose("only")
        unknown = self.memo.get("unknown")
        if len(self.meters) == 1 and not unknown:
            self._keep(self.meters[0])
            return self.choose("only")
        if not self.meters and not unknown:
            self.memo["refused"] = "no_meter"
            return self.choose("none")
        first = (text("buy.unknown_meter"),) if unknown else ()
        return reply(*first, text("buy.which"), entries=(*self._meter_entries(), Entry("menu", text("menu.back"))))

    def hear_which(self, heard: Heard) -> str | None:
        """Take a nickname or a number, and an amount that is said with it."""
        self.memo.pop("meter", None)
        self._take_words(heard.text)
        if self.memo.get("meter"):
            return "one"
        return "again" if self.memo.get("unknown") else None

    def on_one(self) -> None:
        """Stay with the chosen one."""
        if self.arg:
            self._keep(next(one for one in self.meters if one.meter_no == self.arg))

    def ask_amount(self) -> Reply | Go:
        """Ask for how much, unless it was said."""
        if "said" in self.memo:
            return self.choose("typed")
        entries = tuple(
            Entry("offered", text("buy.amount", price=Money(self._minor(units), self._currency)), str(units))
            for units in _OFFERED
        )
        which = meter_called(self.memo["meter_no"], self.memo["nickname"])
        return reply(text("buy.how_much", which=which), entries=entries)

    def hear_amount(self, heard: Heard) -> str | None:
        """Take an amount."""
        amount = amount_in(heard.text, self._currency)
        if amount is None:
            return None
        self.memo["asked"] = amount.minor
        return "typed" if self._quotable(amount.minor) else "again"

    def on_offered(self) -> None:
        """Take the amount of the button."""
        self.memo["asked"] = self._minor(int(self.arg or 0))
        self._quoted_anew()

    def on_typed(self) -> None:
        """Take the amount that was typed, now or with the first words."""
        if "said" in self.memo:
            self.memo["asked"] = self.memo.pop("said")
        self._quoted_anew()

    def ask_quote(self) -> Reply | Go:
        """Show what it buys, and ask."""
        quoted = self._quoted()
        if quoted is None:
            return self.choose("none")
        missing = self._missing(quoted)
        if missing.minor:
            return self._not_enough(quoted, missing)
        entries = (
            Entry("confirm_buy", text("buy.yes")),
            Entry("other_amount", text("buy.other_amount")),
            Entry("menu", text("menu.back")),
        )
        return reply(*self._shown(quoted), text("buy.from_wallet", wallet=self._wallet), entries=entries)

    def on_confirm_buy(self) -> None:
        """Make sure who they are."""
        self.send_code()

    def subject(self) -> str:
        """Return the purchase that would be paid, which never changes."""
        return f"buy {self.memo.get('purchase')}"

    def act(self) -> None:
        """Take the money, unless that can't be any more."""
        outcome = pay(self.turn.visit, UUID(self.memo["purchase"]))
        if outcome == TAKEN:
            self.turn.wake(VENDING)
        else:
            self.memo["refused"] = outcome

    def ask_done(self) -> Reply:
        """Say that the token is coming."""
        if "refused" in self.memo:
            return self.ask_refused()
        quoted = text("buy.done", which=meter_called(self.memo["meter_no"], self.memo["nickname"]))
        return reply(quoted, entries=(Entry("tokens", text("menu.tokens")), Entry("menu", text("menu.back"))))

    def on_by_link(self) -> None:
        """What is missing shall be paid by link."""
        self.memo["way"] = "by_link"

    def on_by_sadad(self) -> None:
        """What is missing shall be paid by SADAD."""
        self.memo["way"] = "by_sadad"

    def ask_short(self) -> Go:
        """Go on to where what is missing in the wallet is paid."""
        quoted = self._quoted()
        missing = self._missing(quoted) if quoted else None
        if not missing or not missing.minor:
            return Go("buy")
        return Go(
            "pay_purchase", {"purchase": self.memo["purchase"], "missing": missing.minor, "way": self.memo["way"]}
        )

    def ask_refused(self) -> Reply:
        """Say why not, and that nothing was taken."""
        entries = [Entry("buy", text("menu.buy")), Entry("agent", text("menu.agent")), Entry("menu", text("menu.back"))]
        if self.memo.get("refused") == DOWN:
            entries[0] = Entry("tell_me", text("buy.tell_me"))
        return reply(_REFUSALS.get(self.memo.get("refused", ""), text("buy.changed")), entries=tuple(entries))

    def on_tell_me(self) -> None:
        """Remember who wants to know."""
        turn = self.turn
        wait_for_vendor(turn.visit, turn.desk.business_id, turn.opening.conversation_id)

    def ask_noted(self) -> Reply:
        """Say that we will."""
        return reply(text("buy.noted"), entries=(Entry("menu", text("menu.back")),))

    def _missing(self, quoted: Quote) -> Money:
        return Money(max(quoted.taken.minor - self._wallet.minor, 0), quoted.taken.currency)

    def _not_enough(self, quoted: Quote, missing: Money) -> Reply:
        ways = online_ways(self.turn, missing)
        how = text("buy.pay_missing") if ways else text("buy.no_way")
        entries = (*ways, Entry("other_amount", text("buy.other_amount")), Entry("menu", text("menu.back")))
        said = text("buy.short", wallet=self._wallet, missing=missing)
        return reply(*self._shown(quoted), (said, how), entries=entries)

    @cached_property
    def meters(self) -> list[Vendable]:
        """The meters of the account."""
        account = self.turn.account
        return own_meters(self.turn.visit, account.customer_id, _MOST) if account else []

    @property
    def _currency(self) -> str:
        return self.turn.desk.currency

    @cached_property
    def _wallet(self) -> Money:
        account = self.turn.account
        if account is None:
            return Money(0, self._currency)
        return wallet_of(self.turn.visit, account.customer_id, self._currency)

    def _minor(self, units: int) -> int:
        return int(units * 10 ** decimals(self._currency))

    def _take_words(self, said: str) -> None:
        """Take the amount and the meter that a message says."""
        self.memo["begun"] = True
        self.memo.pop("unknown", None)
        named = _named(self.meters, said)
        typed = next((number for number in numbers_in(said) if len(number) >= _METER_DIGITS), None)
        if named is None and typed is not None:
            named = next((one for one in self.meters if one.meter_no == typed), None)
            named = named or anybodys_meter(self.turn.visit, typed)
            self.memo["unknown"] = named is None
        if named is not None:
            self._keep(named)
        nickname = named.nickname if named else None
        rest = re.sub(re.escape(nickname), " ", said, flags=re.IGNORECASE) if nickname else said
        amount = amount_in(rest, self._currency)
        if amount is not None:
            self.memo["said"] = amount.minor

    def _keep(self, meter: Vendable) -> None:
        self.memo["meter"], self.memo["meter_no"] = str(meter.meter_id), meter.meter_no
        self.memo["nickname"], self.memo["owner"] = meter.nickname, masked(meter.owner) if meter.owner else None

    def _meter_entries(self) -> Iterator[Entry]:
        for one in self.meters:
            number = text("buy.meter_number", meter=Code(one.meter_no))
            label = text("accounts.name", name=Name(one.nickname)) if one.nickname else text("buy.meter")
            yield Entry("one", label, one.meter_no, number)

    def _quotable(self, minor: int) -> bool:
        """Tell whether an amount buys anything; if not, say why."""
        try:
            self._quote(minor)
        except CannotQuote as error:
            if error.code not in _AMOUNTS:
                return True  # it is no matter of the amount, and is said next
            self.turn.first_say(_AMOUNTS[error.code])
            return False
        return True

    def _quote(self, minor: int) -> Quote:
        turn, account = self.turn, self.turn.account
        assert account is not None  # noqa: S101  the engine sees to it: this flow needs an account
        return quote(turn.visit, account.customer_id, UUID(self.memo["meter"]), minor, turn.desk.timezone)

    def _quoted(self) -> Quote | None:
        try:
            return self._quote(self.memo["asked"])
        except CannotQuote as error:
            self.memo["refused"] = error.code
            return None

    def _quoted_anew(self) -> None:
        """Write the quote down, so that what is shown is what is paid."""
        quoted = self._quoted()
        if quoted is not None:
            turn = self.turn
            words = _words(quoted)
            made = ask(turn.visit, turn.desk.business_id, quoted, words, turn.opening.conversation_id)
            self.memo["purchase"] = str(made)

    def _shown(self, quoted: Quote) -> Iterator[Paragraph]:
        which = meter_called(self.memo["meter_no"], self.memo["nickname"])
        lines = [text("buy.quote", which=which, kwh=quoted.kwh)]
        if self.memo.get("owner"):
            lines.append(text("buy.owner", owner=Name(self.memo["owner"])))
        energy = Money(quoted.net.minor - quoted.fee.minor, quoted.net.currency)
        lines.append(text("buy.energy", price=energy))
        if quoted.fee.minor:
            lines.append(text("buy.fee", price=quoted.fee))
        lines.append(text("buy.vat", vat=quoted.vat))
        if quoted.arrears.minor:
            lines.append(text("buy.arrears", price=quoted.arrears))
        lines.append(text("buy.total", total=quoted.taken))
        yield tuple(lines)


_METER_DIGITS: Final = 8
_REFUSALS: Final[dict[str, Text]] = {
    "no_meter": text("buy.no_meter"),
    "no_tariff": text("buy.no_tariff"),
    "too_little": text("buy.too_little"),
    "too_much": text("buy.too_much"),
    "locked": text("link.locked"),
    DOWN: text("buy.vendor_down"),
    EXPIRED: text("buy.expired"),
    CHANGED: text("buy.changed"),
    TOO_LITTLE: text("buy.wallet_changed"),
}
_AMOUNTS: Final = {code: _REFUSALS[code] for code in ("too_little", "too_much")}


def _named(meters: list[Vendable], said: str) -> Vendable | None:
    """Return the one meter whose nickname stands in what was said."""
    words = f" {without_clitics(normalise(said))} "
    found = [one for one in meters if one.nickname and f" {without_clitics(normalise(one.nickname))} " in words]
    return found[0] if len(found) == 1 else None


def _words(quoted: Quote) -> Words:
    """Return what the invoice says, in both languages."""
    return Words(
        head=in_both(text("sold.head", meter=Code(quoted.meter_no))),
        energy=in_both(text("sold.energy")),
        fee=in_both(text("sold.fee")),
        rest=in_both(text("sold.rest")),
    )
