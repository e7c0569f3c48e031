"""What an amount buys, by blocks: nothing is lost, nothing is given away but less than a tenth of a kWh."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import Money
from domain.rating import Block, blocks_of, bought
from domain.vat import net_within, vat_on
from flows.amounts import amount_in

BLOCKS = (Block(0, 180_000), Block(60_000, 300_000), Block(100_000, 450_000))


@pytest.mark.parametrize(
    ("net", "used", "lines"),
    [
        (4_348, 0, [(2_415, 180_000)]),
        (1, 0, []),
        (2, 0, [(1, 180_000)]),
        (200_000, 0, [(60_000, 180_000), (30_666, 300_000)]),
        (1_000, 59_990, [(10, 180_000), (327, 300_000)]),
        (1_000, 70_000, [(333, 300_000)]),
        (4_500, 200_000, [(1_000, 450_000)]),
    ],
)
def test_each_block_at_its_own_price(net: int, used: int, lines: list[tuple[int, int]]) -> None:
    assert [(one.units, one.price) for one in bought(net, BLOCKS, "graduated", used, "SAR")] == lines


def test_by_volume_everything_is_at_the_price_that_the_month_comes_to() -> None:
    assert [(one.units, one.price) for one in bought(4_348, BLOCKS, "volume", 0, "SAR")] == [(2_415, 180_000)]
    (line,) = bought(200_000, BLOCKS, "volume", 0, "SAR")
    assert (line.units, line.price) == (66_666, 300_000)


@given(st.integers(0, 10**9), st.integers(0, 200_000), st.sampled_from(["SAR", "KWD"]))
def test_what_is_left_buys_no_tenth_more(net: int, used: int, currency: str) -> None:
    lines = bought(net, BLOCKS, "graduated", used, currency)
    scale = 10 ** (7 - (3 if currency == "KWD" else 2))
    spent = sum(line.units * line.price for line in lines)
    assert spent <= net * scale
    units = used + sum(line.units for line in lines)
    price = next(block.price for block in reversed(BLOCKS) if block.start <= units)
    assert net * scale - spent < price


@given(st.integers(1, 10**10), st.sampled_from(["0", "0.05", "0.14", "0.15", "0.2"]))
def test_the_tax_is_within_the_amount(gross: int, rate: str) -> None:
    net = net_within(gross, Decimal(rate))
    assert gross - 1 <= net + vat_on(net, Decimal(rate)) <= gross


@pytest.mark.parametrize("rows", [[], [[1, 5]], [[0, 0]], [[0, 5], [0, 6]], [[0, 5], [9, 6], [8, 7]]])
def test_blocks_that_are_none(rows: list[list[int]]) -> None:
    with pytest.raises(ValueError, match="block"):
        blocks_of(rows)


@pytest.mark.parametrize(
    ("said", "minor"),
    [
        ("50", 5_000),
        ("اشحن ٥٠ للمحل", 5_000),
        ("۵۰٫۵", 5_050),
        ("buy 1,250.50 please", 125_050),
        ("50.555", None),
        ("50 or 60", None),
        ("for 01412301374", None),
        ("50 for 01412301374", 5_000),
        ("nothing", None),
        ("1,2", 120),
        ("-5", 500),
    ],
)
def test_amounts_as_they_are_typed(said: str, minor: int | None) -> None:
    assert amount_in(said, "SAR") == (None if minor is None else Money(minor, "SAR"))
