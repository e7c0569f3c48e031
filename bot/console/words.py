"""What the console says, and how it shows values: in a language, and in the time of the business."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from bot.noticing import told_in
from bot.problems import FieldProblem, Problem
from domain.money import Money, decimals
from locales.catalogue import catalogue
from locales.speech import Speech
from locales.text import Code, Name, Text, Value

# How a state looks: what it is called in the stylesheet.
_TONES: Final[dict[str, str]] = {
    "good": "delivered read active paid resolved approved done ok enabled settled confirmed finished billed kept "
    "charged",
    "bad": "failed undelivered overdue stopped rejected critical disabled revoked expired broken",
    "warn": "in_doubt skipped waiting_customer part_paid warning retrying pending waiting refunded awaiting_payment "
    "vending held finished_with_exceptions",
    "busy": "queued sending accepted sent open in_progress paused running issued scheduled created asked acknowledged "
    "taken charging",
}
TONE: Final = {state: tone for tone, states in _TONES.items() for state in states.split()}


class Words:
    """Says texts and shows values to one reader."""

    def __init__(self, language: str, zone: str = "UTC") -> None:
        self.language = language
        self.direction = "rtl" if language == "ar" else "ltr"
        self.zone = ZoneInfo(zone)
        self._speech = Speech(language, sms=False)
        self._catalogue = catalogue(language)

    def say(self, key: str, /, **values: Any) -> str:
        """Return a text, with values as they stand in a sentence: what is a plain string is a name."""
        return self._speech.say(Text(key, {name: _value(value) for name, value in values.items()}))

    def count(self, key: str, count: int, /, **values: Any) -> str:
        """Return a text in the plural form for `count`."""
        return self._speech.say(Text(key, {name: _value(value) for name, value in values.items()}, count))

    def known(self, key: str, otherwise: str) -> str:
        """Return a text if there is one, and else what it is called in code."""
        return self.say(key) if self._catalogue.has(key) else otherwise

    def state(self, kind: str, state: str) -> str:
        """Return what a state of a kind of thing is called."""
        return self.known(f"state.{kind}_{state}", state)

    def chip(self, kind: str, state: str) -> Markup:
        """Return a state as a small mark."""
        tone = TONE.get(state, "calm")
        return Markup('<span class="chip {}">{}</span>').format(tone, self.state(kind, state))

    def ticket_chip(self, status: str) -> Markup:
        """Return the state of a ticket, in the words that customers get, as a small mark."""
        said = self.say(f"ticket_status.{status}")
        return Markup('<span class="chip {}">{}</span>').format(TONE.get(status, "calm"), said)

    def option(self, kind: str, value: str) -> str:
        """Return what one of several values is called."""
        return self.known(f"option.{kind}_{value}", value)

    def told(self, notification: Any) -> str:
        """Return what a notification says."""
        return self._speech.say(told_in(notification.kind, notification.times, notification.facts))

    def money(self, amount: Any) -> str:
        """Return an amount with its currency."""
        return self._speech.money(Money(amount.minor, amount.currency))

    def money_of(self, amount: Mapping[str, Any]) -> str:
        """Return an amount that was kept as it stands in a body of the API."""
        return self._speech.money(Money(amount["minor"], amount["currency"]))

    def number(self, number: int | Decimal) -> str:
        """Return a number with its thousands apart."""
        return self._speech.number(number)

    def measure(self, number: Decimal) -> str:
        """Return a number with its thousands apart, and without zeros at its end."""
        return self._speech.number(Decimal(f"{number.normalize():f}"))

    def price(self, price: Decimal, currency: str) -> str:
        """Return what one of something costs, in whole units: an amount, or what is finer than any amount can be."""
        minor = price.scaleb(decimals(currency))
        if minor == minor.to_integral_value():
            return self._speech.money(Money(int(minor), currency))
        return f"{price.normalize():f}\N{NO-BREAK SPACE}{currency}"

    def plain(self, number: Decimal) -> str:
        """Return a number as it is typed: without zeros at its end."""
        return f"{number.normalize():f}"

    def day(self, day: date) -> Markup:
        """Return a day."""
        return Markup('<time datetime="{}">{}</time>').format(day.isoformat(), self._speech.date(day))

    def moment(self, instant: datetime) -> Markup:
        """Return an instant as the business's wall shows it."""
        local = instant.astimezone(self.zone)
        said = self.say("console.moment", day=local.date(), hour=Code(f"{local:%H:%M}"))
        return Markup('<time datetime="{}">{}</time>').format(local.isoformat(timespec="seconds"), said)

    def hour(self, instant: datetime) -> Markup:
        """Return the hour of an instant."""
        local = instant.astimezone(self.zone)
        return Markup('<time datetime="{}"><bdi dir="ltr">{:%H:%M}</bdi></time>').format(local.isoformat(), local)

    def local_day(self, instant: datetime) -> date:
        """Return the day on which something happened, where the business is."""
        return instant.astimezone(self.zone).date()

    def code(self, code: object) -> Markup:
        """Return what is read from left to right wherever it stands: a number, an address, a name in code."""
        return Markup('<bdi dir="ltr" class="code">{}</bdi>').format(code)

    def token(self, digits: str) -> Markup:
        """Return the digits of a token in groups, as they are typed."""
        return self.code(" ".join(digits[at : at + 4] for at in range(0, len(digits), 4)))

    def name(self, name: str | None) -> Markup:
        """Return what a person is called, in the direction of its own letters."""
        return Markup("<bdi>{}</bdi>").format(name) if name else Markup("")

    def lines(self, text: str) -> Markup:
        """Return what was said, line by line, each in its own direction."""
        each = (Markup('<span class="line" dir="auto">{}</span>').format(line) for line in text.split("\n"))
        return Markup("").join(each)

    def of_both(self, arabic: str | None, english: str | None) -> Markup:
        """Return that of two names which the reader reads, or else the other."""
        first, second = (arabic, english) if self.language == "ar" else (english, arabic)
        return self.name(first or second)

    def wrong(self, problem: Problem) -> str:
        """Return what is wrong, in words."""
        return self.known(f"problem.{problem.code}", self.say("problem.other"))

    def wrong_field(self, error: FieldProblem) -> str:
        """Return what is wrong with a field, in words."""
        return self.known(f"wrong.{error.code}", self.say("wrong.other"))

    def list_of(self, values: Sequence[str]) -> Markup:
        """Return codes, one after the other."""
        return Markup(" ").join(Markup('<bdi dir="ltr" class="tag">{}</bdi>').format(escape(one)) for one in values)


def _value(value: Any) -> Value:
    return Name(value) if type(value) is str else value
