"""Meter numbers and PANs."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.sts.errors import NumberError
from domain.sts.meters import checked_pan, meter_number, meter_pan, parts_of

VALID = """47001582544 47003104321 47003104503 58000079523 47500150231 12123456787 07000000013 47123456783 37123456784
00000000000 11111111115 0100000000008 9999123456786"""


@pytest.mark.parametrize("number", VALID.split())
def test_valid_numbers(number: str) -> None:
    assert meter_number(number) == number
    assert meter_number(f" {number[:4]}-{number[4:]} ") == number
    assert parts_of(checked_pan(meter_pan(number)))[1] == number


@pytest.mark.parametrize("number", ["12345678904", "11111111113", "04123456780", "37123456786"])
def test_wrong_check_digits(number: str) -> None:
    with pytest.raises(NumberError):
        meter_number(number)
    assert meter_number(number, check=False) == number
    with pytest.raises(NumberError):
        checked_pan(meter_pan(number, check=False))
    assert checked_pan(meter_pan(number, check=False), check=False).startswith(f"600727{number}")


@pytest.mark.parametrize(
    ("number", "pan"),
    [
        ("00000000000", "600727000000000009"),
        ("0100000000008", "000001000000000082"),
        ("11111111115", "600727111111111153"),
        ("47001582544", "600727470015825445"),
    ],
)
def test_pans(number: str, pan: str) -> None:
    assert meter_pan(number) == pan


@pytest.mark.parametrize("number", ["", "4700158254", "470015825444", "4700158254a", "٤٧٠٠١٥٨٢٥٤٤", "٠" * 13])
def test_what_is_no_number(number: str) -> None:
    with pytest.raises(NumberError):
        meter_number(number)


@pytest.mark.parametrize(
    ("number", "iin"), [("47001582544", "0000"), ("0100000000008", "600727"), ("47001582544", "x")]
)
def test_issuers_that_do_not_fit(number: str, iin: str) -> None:
    with pytest.raises(NumberError):
        meter_pan(number, iin)


@settings(deadline=None)
@given(st.text(max_size=20))
def test_any_text_is_a_number_or_refused(text: str) -> None:
    for read in (meter_number, checked_pan):
        with suppress(NumberError):
            assert read(text).isdigit()
