"""Money: an integer of minor units with a currency. No float ever touches it."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from babel.numbers import get_currency_precision


class MoneyError(ValueError):
    """An amount that is none, or two currencies in one sum."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount: `minor` units (halalas, cents) of `currency` (ISO 4217)."""

    minor: int
    currency: str

    @property
    def major(self) -> Decimal:
        """The amount in whole units, with exactly the currency's decimals."""
        return Decimal(self.minor).scaleb(-decimals(self.currency))

    def __add__(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise MoneyError(f"{self.currency} and {other.currency} don't add up")
        return Money(self.minor + other.minor, self.currency)


def decimals(currency: str) -> int:
    """Return how many decimals an amount in `currency` has (CLDR: SAR 2, KWD 3)."""
    return get_currency_precision(currency)


def parse_amount(text: str, currency: str) -> Money:
    """Read a plain decimal such as `1234.50`; negative ones too.

    Raises MoneyError when it is no finite decimal, or finer than the currency's minor unit.
    """
    try:
        minor = Decimal(text.strip()).scaleb(decimals(currency))
    except InvalidOperation as error:
        raise MoneyError(f"{text!r} is not an amount") from error
    if not minor.is_finite():
        raise MoneyError(f"{text!r} is not an amount")
    if minor != minor.to_integral_value(ROUND_HALF_UP):
        raise MoneyError(f"{text!r} has more decimals than {currency} has")
    return Money(int(minor), currency)
