"""Amounts in 16 and 20 bits: exact while they can be, then up."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.sts import amounts
from domain.sts.errors import RangeError

UNITS = [
    (0, 0x0000, 0),
    (1, 0x0001, 1),
    (256, 0x0100, 256),
    (16383, 0x3FFF, 16383),
    (16384, 0x4000, 16384),
    (16385, 0x4001, 16394),
    (20000, 0x416A, 20004),
    (180214, 0x7FFF, 180214),
    (180223, 0x8000, 180224),
    (180224, 0x8000, 180224),
    (1818623, 0xC000, 1818624),
    (18201624, 0xFFFF, 18201624),
]
CURRENCY = [
    ("1", 0x060AA),
    ("16383", 0x178E3),
    ("16384", 0x178E4),
    ("180224", 0x1BF4A),
    ("1818624", 0x1FFEE),
    ("18202624", 0x23FFF),
    ("182042624", 0x28000),
    ("1820442624", 0x2C000),
    ("-1", 0x860A9),
    ("-180224", 0x9BF49),
    ("0.00001", 0x00001),
    ("0", 0x00000),
]


@pytest.mark.parametrize(("units", "field", "back"), UNITS)
def test_units(units: int, field: int, back: int) -> None:
    assert amounts.encode_units(units) == field
    assert amounts.decode_units(field) == back


@pytest.mark.parametrize(("amount", "field"), CURRENCY)
def test_currency(amount: str, field: int) -> None:
    assert amounts.encode_currency(amounts.scaled_up(Decimal(amount), amounts.CURRENCY_PLACES)) == field


def test_a_negative_amount_between_two_exponents_goes_towards_nothing() -> None:
    gap = amounts.decode_currency(16 << 14) - 1
    assert amounts.encode_currency(-gap) == 1 << 19 | 15 << 14 | 16383
    assert amounts.encode_currency(gap) == 16 << 14


@settings(deadline=None)
@given(st.integers(0, amounts.LARGEST_UNITS))
def test_units_go_up_by_less_than_a_step(units: int) -> None:
    back = amounts.decode_units(amounts.encode_units(units))
    assert units <= back < units + 10 ** (amounts.encode_units(units) >> 14)
    assert back == units or units > amounts.LARGEST_EXACT


@settings(deadline=None)
@given(st.integers(-amounts.LARGEST_CURRENCY, amounts.LARGEST_CURRENCY))
def test_currency_goes_up(units: int) -> None:
    back = amounts.decode_currency(amounts.encode_currency(units))
    assert units <= back
    assert abs(back - units) <= 10 ** (amounts.encode_currency(abs(units)) >> 14)


@settings(deadline=None)
@given(st.integers(0, 0xFFFF), st.integers(0, 0xFFFFF))
def test_every_field_comes_back(field: int, currency: int) -> None:
    assert amounts.encode_units(amounts.decode_units(field)) == field
    if currency != 1 << 19:  # nothing, with a sign
        assert amounts.encode_currency(amounts.decode_currency(currency)) == currency


@pytest.mark.parametrize("units", [-1, amounts.LARGEST_UNITS + 1])
def test_units_out_of_range(units: int) -> None:
    with pytest.raises(RangeError):
        amounts.encode_units(units)


@pytest.mark.parametrize("units", [-amounts.LARGEST_CURRENCY - 1, amounts.LARGEST_CURRENCY + 1])
def test_currency_out_of_range(units: int) -> None:
    with pytest.raises(RangeError):
        amounts.encode_currency(units)


@pytest.mark.parametrize(
    ("amount", "units"), [("25.6", 256), ("25.61", 257), ("25.60000000000000000000000000000000001", 257), ("-0.05", 0)]
)
def test_a_broken_unit_goes_up(amount: str, units: int) -> None:
    assert amounts.scaled_up(Decimal(amount), 1) == units


@pytest.mark.parametrize("amount", ["NaN", "sNaN", "Infinity", "-Infinity", "1e999999999", "1e-999999999"])
def test_what_is_no_amount(amount: str) -> None:
    with pytest.raises(RangeError):
        amounts.scaled_up(Decimal(amount), 1)


@settings(deadline=None)
@given(st.integers(1, 10**7))
def test_parts_round_nothing_away(units: int) -> None:
    parts = amounts.exact_parts(units)
    assert sum(parts) == units
    assert all(amounts.decode_units(amounts.encode_units(part)) == part for part in parts)


def test_no_parts_of_nothing() -> None:
    with pytest.raises(RangeError):
        amounts.exact_parts(0)
