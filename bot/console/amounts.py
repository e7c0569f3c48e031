"""Amounts as people type them, in whole units of the business's currency, and as the API takes them."""

from decimal import Decimal, InvalidOperation

from bot.problems import FieldProblem, Problem
from domain.money import decimals


def minor_of(written: str, currency: str, field: str) -> int:
    """Return an amount that was typed into `field` in minor units. Raises Problem."""
    try:
        minor = Decimal(written).scaleb(decimals(currency))
    except InvalidOperation:
        minor = Decimal("NaN")
    if minor.is_finite() and minor == minor.to_integral_value():
        return int(minor)
    error = FieldProblem(field, "decimal_parsing", "this is no amount")
    raise Problem(422, "invalid", error.detail, [error])


def typed(minor: int, currency: str) -> str:
    """Return an amount as it would be typed."""
    return f"{Decimal(minor).scaleb(-decimals(currency)):f}"
