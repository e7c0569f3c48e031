"""What electricity costs that was used: worked examples to the halala, and what holds for all of them."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.billing.charging import Bill, Charge, NoTariff, Settled, Used, Version, charges_of, energy_minor
from domain.billing.months import charged_months, months_in
from domain.rating import Block
from domain.tariffs import ENERGY, ENERGY_AND_FEE, GRADUATED, VOLUME
from domain.vat import Taxed, shares_of

JAN, FEB, MAR, APR = (date(2026, month, 1) for month in (1, 2, 3, 4))
ID = UUID(int=7)
# What a home pays in Saudi Arabia: 0.18 a kWh up to 6,000 of them in a month, 0.30 above.
HOME = (Block(0, 180_000), Block(60_000, 300_000))
STEPS = (Block(0, 100_000), Block(1_000, 200_000), Block(3_000, 350_000), Block(10_000, 500_000))


def version(
    blocks: tuple[Block, ...] = HOME, fee: int = 0, least: int = 0, mode: str = GRADUATED, covers: str = ENERGY,
    since: date = date(2020, 1, 1),
) -> Version:  # fmt: skip
    return Version(ID, since, mode, blocks, fee, least, covers)


def month(kwh: str, first: date = JAN, until: date = FEB) -> Bill:
    return Bill(first, until, (Used(first, until, int(Decimal(kwh) * 1000)),))


def lines(charges: list[Charge]) -> list[tuple[str, int | None, int | None, int]]:
    return [(one.kind, one.wh, one.price, one.net_minor) for one in charges]


def net(charges: list[Charge]) -> int:
    return sum(one.net_minor for one in charges)


@pytest.mark.parametrize(
    ("kwh", "halalas"),
    [("0", 0), ("1", 18), ("0.027", 0), ("0.028", 1), ("980", 17_640), ("6000", 108_000), ("6000.1", 108_003),
     ("7250.5", 145_515), ("1035.48", 18_639)],
)  # fmt: skip
def test_each_block_at_its_own_price(kwh: str, halalas: int) -> None:
    assert net(charges_of(month(kwh), [version()], "SAR")) == halalas


def test_every_line_says_how_it_came_about() -> None:
    charges = charges_of(month("7250.5"), [version(fee=1_000)], "SAR")
    assert lines(charges) == [
        ("energy", 6_000_000, 180_000, 108_000),
        ("energy", 1_250_500, 300_000, 37_515),
        ("fee", None, None, 1_000),
    ]
    assert [(one.above, one.up_to) for one in charges[:2]] == [(0, 6_000_000), (6_000_000, None)]


def test_by_volume_everything_is_at_the_price_that_the_month_comes_to() -> None:
    assert net(charges_of(month("5999.9"), [version(mode=VOLUME)], "SAR")) == 107_998
    assert net(charges_of(month("6000"), [version(mode=VOLUME)], "SAR")) == 180_000


def test_other_currencies_have_other_decimals() -> None:
    assert net(charges_of(month("100.1"), [version()], "KWD")) == 18_018
    assert net(charges_of(month("100.1"), [version()], "JPY")) == 18


def test_the_minimum_is_a_line_of_its_own() -> None:
    assert lines(charges_of(month("10"), [version(fee=1_000, least=500)], "SAR")) == [
        ("energy", 10_000, 180_000, 180), ("minimum", None, None, 320), ("fee", None, None, 1_000),
    ]  # fmt: skip
    covers = version(fee=1_000, least=500, covers=ENERGY_AND_FEE)
    assert net(charges_of(month("10"), [covers], "SAR")) == 1_180
    assert net(charges_of(month("0"), [version(least=500)], "SAR")) == 500


def test_nearly_a_month_is_a_month_and_other_spans_scale_the_limits() -> None:
    fee = [version(STEPS, fee=3_000)]
    nearly = month("250", JAN, date(2026, 1, 29))
    assert net(charges_of(nearly, fee, "SAR")) == 1_000 + 3_000 + 3_000
    ten_days = month("100", date(2026, 4, 1), date(2026, 4, 11))
    assert [(one.wh, one.net_minor) for one in charges_of(ten_days, fee, "SAR")] == [
        (33_333, 333), (66_667, 1_333), (None, 1_000),
    ]  # fmt: skip
    assert charged_months(JAN, MAR) == 2
    two = charges_of(month("500", JAN, MAR), fee, "SAR")
    assert net(two) == 2 * net(charges_of(month("250", JAN, FEB), fee, "SAR"))


def test_a_leap_day_is_a_day_of_its_month() -> None:
    assert months_in(date(2028, 2, 1), date(2028, 3, 1)) == 1
    assert months_in(date(2028, 2, 29), date(2028, 3, 1)).denominator == 29
    assert months_in(date(2026, 12, 17), date(2027, 2, 1)) == 1 + months_in(date(2026, 12, 17), date(2027, 1, 1))


def test_a_tariff_that_changes_within_the_period_is_split_by_days() -> None:
    dearer = version((Block(0, 200_000),), fee=3_100, since=date(2026, 1, 11))
    charges = charges_of(month("310"), [version((Block(0, 100_000),), fee=1_550), dearer], "SAR")
    assert [(one.kind, one.first, one.until, one.wh, one.net_minor) for one in charges] == [
        ("energy", JAN, date(2026, 1, 11), 100_000, 1_000),
        ("energy", date(2026, 1, 11), FEB, 210_000, 4_200),
        ("fee", JAN, date(2026, 1, 11), None, 500),
        ("fee", date(2026, 1, 11), FEB, None, 2_100),
    ]


def test_a_reading_on_the_day_of_the_change_is_taken_as_it_is() -> None:
    change = date(2026, 1, 11)
    versions = [version((Block(0, 100_000),)), version((Block(0, 200_000),), since=change)]
    read = Bill(JAN, FEB, (Used(JAN, change, 300_000), Used(change, FEB, 10_000)))
    assert [one.net_minor for one in charges_of(read, versions, "SAR")] == [3_000, 200]


def test_what_was_estimated_is_charged_again_over_the_whole_span() -> None:
    bill = Bill(MAR, APR, (Used(JAN, APR, 900_000),), Settled(400_000, 7_200))
    assert lines(charges_of(bill, [version(fee=1_000)], "SAR")) == [
        ("energy", 900_000, 180_000, 16_200),
        ("settled", -400_000, None, -7_200),
        ("fee", None, None, 1_000),
    ]


def test_where_no_tariff_holds_it_is_said() -> None:
    with pytest.raises(NoTariff):
        charges_of(month("1"), [version(since=date(2026, 1, 2))], "SAR")
    with pytest.raises(NoTariff):
        charges_of(month("1"), [], "SAR")


DAYS = st.integers(2, 200)
PARTS = st.sampled_from([STEPS, HOME, HOME[:1]])
MODES = st.sampled_from([GRADUATED, VOLUME])


@given(PARTS, DAYS, st.integers(0, 20_000_000), st.integers(1, 500_000))
def test_blocks_have_no_gap_and_more_use_never_costs_less(
    blocks: tuple[Block, ...], days: int, wh: int, more: int
) -> None:
    until = JAN + timedelta(days=days)
    less = charges_of(Bill(JAN, until, (Used(JAN, until, wh),)), [version(blocks)], "SAR")
    after = charges_of(Bill(JAN, until, (Used(JAN, until, wh + more),)), [version(blocks)], "SAR")
    assert sum(one.wh or 0 for one in less) == wh
    reached = [one for one in less if one.up_to is not None]
    for one, following in pairwise(less):
        assert one.up_to == following.above == (one.above or 0) + (one.wh or 0)
    assert len(reached) >= len(less) - 1
    assert net(less) <= net(after)


@given(PARTS, MODES, DAYS, st.data())
def test_splitting_a_period_changes_no_more_than_rounding(
    blocks: tuple[Block, ...], mode: str, days: int, data: st.DataObject
) -> None:
    """The same tariff, written down anew on a day within the period: it splits it, and changes nothing."""
    cut = data.draw(st.integers(1, days - 1))
    wh = data.draw(st.integers(0, 50_000_000))
    until, change = JAN + timedelta(days=days), JAN + timedelta(days=cut)
    bill = Bill(JAN, until, (Used(JAN, until, wh),))
    whole = version(blocks, fee=3_000, least=5_000, mode=mode)
    again = version(blocks, fee=3_000, least=5_000, mode=mode, since=change)
    together = charges_of(bill, [whole], "SAR")
    split = charges_of(bill, [whole, again], "SAR")
    assert sum(one.wh or 0 for one in split) == wh
    # Half a halala for each line, and for each limit and each part what a Wh can cost between two prices.
    assert abs(net(split) - net(together)) <= (len(split) + len(together)) / 2 + len(blocks)


@given(PARTS, DAYS, st.integers(0, 20_000_000), st.sampled_from(["0", "0.05", "0.14", "0.15"]))
def test_net_and_tax_are_the_total(blocks: tuple[Block, ...], days: int, wh: int, rate: str) -> None:
    until = JAN + timedelta(days=days)
    charges = charges_of(Bill(JAN, until, (Used(JAN, until, wh),)), [version(blocks, 1_000, 2_000)], "SAR")
    shares = shares_of(Taxed(one.net_minor, "S" if Decimal(rate) else "Z", Decimal(rate)) for one in charges)
    (share,) = shares
    exact = Decimal(net(charges)) * Decimal(rate)
    assert share.net_minor == net(charges)
    assert abs(share.vat_minor - exact) <= Decimal("0.5")
    assert energy_minor(charges) <= share.net_minor
