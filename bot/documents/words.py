"""What a document says, in its language and beside it in the other: a tax invoice has to be in Arabic as well."""

from datetime import date
from decimal import Decimal

from domain.money import Money, decimals
from locales.catalogue import catalogue
from locales.speech import Speech
from locales.text import Code, Text

_OTHER = {"ar": "en", "en": "ar"}


class Words:
    """Says the texts of a document in `language`."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._speech = Speech(language, sms=False)
        self._other = Speech(_OTHER[language], sms=False)

    def label(self, name: str) -> str:
        """Return a label."""
        return self._speech.say(Text(f"document.{name}"))

    def other_label(self, name: str) -> str:
        """Return a label in the other language."""
        return self._other.say(Text(f"document.{name}"))

    def money(self, amount: Money) -> str:
        """Return an amount with its currency."""
        return self._speech.money(amount)

    def figure(self, amount: Money) -> str:
        """Return an amount without its currency."""
        minus = "\u2212" if amount.minor < 0 else ""
        return f"{minus}{abs(amount.major):,.{decimals(amount.currency)}f}"

    def price(self, price: Decimal, currency: str) -> str:
        """Return what one of something costs, in whole units: with as many decimals as an amount has, or more."""
        places = max(decimals(currency), -int(price.normalize().as_tuple().exponent))
        return f"{price:,.{places}f}"

    def unit(self, unit: str) -> str:
        """Return the name of a unit, or the unit as it is."""
        key = f"unit.{unit}"
        return self._speech.say(Text(key)) if catalogue(self.language).has(key) else plain(unit)

    def vat(self, rate: Decimal | None, *, other: bool = False) -> str:
        """Return the name of the tax, with its rate where that is known."""
        speech = self._other if other else self._speech
        if rate is None:
            return speech.say(Text("document.vat"))
        return speech.say(Text("document.vat_at", {"rate": Code(percent(rate))}))

    def meter(self, meter_no: str) -> str:
        """Return which meter it is."""
        return self._speech.say(Text("document.meter", {"meter": Code(plain(meter_no))}))

    def page(self, number: int, of: int) -> str:
        """Return which page it is, of how many."""
        return self._speech.say(Text("document.page", {"page": number, "pages": of}))


def percent(rate: Decimal) -> str:
    """Return a rate such as 15%."""
    return f"{(rate * 100).normalize():f}%"


def day(when: date) -> str:
    """Return a day in figures, which are in the same order in both languages: 28/11/2026."""
    return f"{when:%d/%m/%Y}"


def plain(text: str) -> str:
    """Return what a person wrote as one line, without characters that are not seen."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
