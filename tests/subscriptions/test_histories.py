"""Whatever customers do, at any second, in any of our zones: what was used and what remains is what was planned."""

from collections import Counter

import pytest

from tests.subscriptions.histories import ZONES, random_history


def lived(seeds: range) -> Counter[str]:
    """Live through one history for each seed. Returns how often each thing happened."""
    happened: Counter[str] = Counter()
    for seed in seeds:
        history = random_history(seed)
        happened[history.zone] += 1
        happened[history.term.status] += 1
        happened.update(told.partition(" ")[0] for told in history.told)
    return happened


def test_ten_thousand_histories_add_up() -> None:
    happened = lived(range(10_000))
    # A test of histories in which nothing happens would prove nothing.
    for name in ("pause", "resume", "stop", "reactivate", "expire", "renew", "schedule_pause", *ZONES):
        assert happened[name] > 1000, happened
    assert happened["expired"] > 5000


@pytest.mark.long
def test_two_hundred_thousand_histories_add_up() -> None:
    assert lived(range(10_000, 210_000))["expire"] > 100_000
