"""Whatever dies at whichever instant, everybody gets every message once."""

from pathlib import Path

import pytest

from tests.chaos.house import NotOurs
from tests.chaos.plan import LONG, SHORT, Size
from tests.chaos.run import run, summary


def _silently(what: str, done: float) -> None:
    """Nobody watches."""


def _goes_well(seed: int, size: Size, folder: Path) -> None:
    try:
        outcome = run(seed, size, folder, _silently)
    except NotOurs as why:
        pytest.skip(str(why))
    lines = [f"{name}: {value}" for name, value in summary(outcome)]
    assert outcome.is_good, "\n".join([*lines, *outcome.histories])
    assert outcome.kills.total() >= 7 * size.rounds, "the storm was but a breeze"


def test_a_short_storm(tmp_path: Path) -> None:
    _goes_well(1, SHORT, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("seed", [2])
def test_a_long_storm(tmp_path: Path, seed: int) -> None:
    _goes_well(seed, LONG, tmp_path)
