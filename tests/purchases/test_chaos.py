"""Chaos with money: whatever the vendor does and whoever is killed, each purchase has its token or its money back."""

import pytest
from flask import Flask

from domain.door import Door
from tests.noor import Noor
from tests.purchases.chaos import meters_of, storm
from tests.vendors.emulator import emulator


@pytest.mark.parametrize(
    "size", [pytest.param((60, 10), id="short"), pytest.param((1000, 50), id="long", marks=pytest.mark.long)]
)
def test_each_purchase_has_its_token_or_its_money_back(
    app: Flask, door: Door, noor: Noor, environment: dict[str, str], size: tuple[int, int]
) -> None:
    with emulator(meters=meters_of(size[1])) as box:
        figures = storm(door, noor, environment, box, size)
    print(figures)  # noqa: T201  whoever runs it wants to see
    assert figures.wrong == []
    assert set(figures.states) <= {"issued", "refunded"}
    assert sum(figures.states.values()) == size[0]
    assert figures.states["issued"] == figures.tokens == figures.charges == figures.accepted == figures.used
    assert figures.kills >= 1
    assert figures.faults > size[0] // 5
