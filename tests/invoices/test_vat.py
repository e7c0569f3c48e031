"""Tax is rounded once for each category, half up; and what the QR code of the invoice says."""

from base64 import b64decode
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import Money
from domain.vat import Taxed, VatError, shares_of, vat_on
from domain.zatca import QrError, qr_text

FIFTEEN = Decimal("0.15")
NUMBER = "310122393500003"


@pytest.mark.parametrize(
    ("net", "vat"),
    [(10000, 1500), (18639, 2796), (24210, 3632), (30, 5), (10, 2), (3, 0), (4, 1), (-10, -2), (10**17, 15 * 10**15)],
)
def test_half_up(net: int, vat: int) -> None:
    assert vat_on(net, FIFTEEN) == vat


def test_once_for_the_whole_category_and_not_for_each_line() -> None:
    lines = [Taxed(3, "S", FIFTEEN)] * 10 + [Taxed(100, "Z", Decimal(0)), Taxed(50, "S", Decimal("0.1500"))]
    shares = {share.category: share for share in shares_of(lines)}
    assert shares["S"].net_minor == 80
    assert shares["S"].vat_minor == 12  # line by line it would be 0 ten times, and 8
    assert shares["Z"].vat_minor == 0


@given(st.integers(0, 10**15), st.integers(1, 9999))
def test_never_further_from_the_exact_tax_than_half_a_unit(net: int, rate: int) -> None:
    exact = Fraction(net * rate, 10000)
    rounded = vat_on(net, Decimal(rate) / 10000)
    assert Fraction(-1, 2) <= exact - rounded < Fraction(1, 2)


@pytest.mark.parametrize(("category", "rate"), [("S", "0"), ("Z", "0.15"), ("E", "0.05"), ("X", "0")])
def test_a_category_with_a_rate_that_it_cant_have(category: str, rate: str) -> None:
    with pytest.raises(VatError):
        Taxed(1, category, Decimal(rate))


@pytest.mark.parametrize(
    ("seller", "at", "total", "vat", "text"),
    [
        (
            "Bobs Records",
            datetime(2022, 4, 25, 15, 30, tzinfo=UTC),
            100000,
            15000,
            "AQxCb2JzIFJlY29yZHMCDzMxMDEyMjM5MzUwMDAwMwMUMjAyMi0wNC0yNVQxNTozMDowMFoEBzEwMDAuMDAFBjE1MC4wMA==",
        ),
        (
            "شركة النور للكهرباء",
            datetime(2026, 11, 20, 9, 15, tzinfo=UTC),
            11500,
            1500,
            (
                "ASTYtNix2YPYqSDYp9mE2YbZiNixINmE2YTZg9mH2LHYqNin2KECDzMxMDEyMjM5MzUwMDAwMwMUMjAyNi0xMS0yMFQwOToxNTowMFoE"
                "BjExNS4wMAUFMTUuMDA="
            ),
        ),
    ],
)
def test_the_worked_examples(seller: str, at: datetime, total: int, vat: int, text: str) -> None:
    assert qr_text(seller, NUMBER, at, Money(total, "SAR"), Money(vat, "SAR")) == text


@given(st.text(max_size=60), st.integers(0, 10**12), st.integers(0, 10**12))
def test_it_reads_back(seller: str, total: int, vat: int) -> None:
    at = datetime(2026, 11, 20, 9, 15, tzinfo=UTC)
    raw, values = b64decode(qr_text(seller, NUMBER, at, Money(total, "SAR"), Money(vat, "SAR"))), []
    while raw:
        assert raw[0] == len(values) + 1
        values.append(raw[2 : 2 + raw[1]].decode())
        raw = raw[2 + raw[1] :]
    assert values == [
        seller,
        NUMBER,
        "2026-11-20T09:15:00Z",
        f"{Decimal(total) / 100:.2f}",
        f"{Decimal(vat) / 100:.2f}",
    ]


def test_a_name_that_is_too_long_for_its_field() -> None:
    with pytest.raises(QrError):
        qr_text("ش" * 128, NUMBER, datetime.now(UTC), Money(1, "SAR"), Money(0, "SAR"))
