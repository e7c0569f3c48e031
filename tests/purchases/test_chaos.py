"""Chaos with money, long: 1,000 purchases by 50 customers and 300 other payments, paid in every way.

Vendor, gateway and Twilio go wrong in every way that the sandbox knows, and every part of the house is killed. The
short form is within the storm of tests/chaos, which says what is looked at.
"""

from pathlib import Path

import pytest

from tests.chaos.house import NotOurs
from tests.chaos.plan import MONEY
from tests.chaos.run import run, summary


@pytest.mark.long
@pytest.mark.parametrize("seed", [11, 12])
def test_each_purchase_has_its_token_or_its_money_back(tmp_path: Path, seed: int) -> None:
    try:
        outcome = run(seed, MONEY, tmp_path, lambda _what, _done: None)
    except NotOurs as why:
        pytest.skip(str(why))
    lines = "\n".join([*(f"{name}: {value}" for name, value in summary(outcome)), *outcome.histories])
    print(lines)  # noqa: T201  whoever runs it wants to see
    assert outcome.is_good, lines
    states = outcome.money.figures["purchases"]
    assert sum(states.values()) >= MONEY.purchases
    assert states["issued"] > MONEY.purchases / 2
    assert states["refunded"] > 0
    assert outcome.kills.total() >= 7 * MONEY.rounds
