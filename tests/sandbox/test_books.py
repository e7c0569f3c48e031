"""The books and the clock."""

from pathlib import Path

import pytest

from sandbox.twilio.books import Books
from sandbox.twilio.clock import Clock
from sandbox.twilio.config import ConfigError, parse
from tests.sandbox.conftest import SARA, WHATSAPP, config_for


def test_the_window_follows_the_clock_file(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    file.write_text("2026-03-01T10:00:00+03:00", encoding="utf-8")
    books = Books(Clock(file), None, lambda: 10)
    books.open_window(WHATSAPP, SARA)
    file.write_text("2026-03-02T09:59:00+03:00", encoding="utf-8")
    assert books.window_is_open(WHATSAPP, SARA, 24)
    file.write_text("2026-03-02T10:00:00+03:00", encoding="utf-8")
    assert not books.window_is_open(WHATSAPP, SARA, 24)


def test_opt_outs_outlive_a_restart(tmp_path: Path) -> None:
    books = Books(Clock(), tmp_path, lambda: 10)
    assert books.block("+1", SARA)
    assert not books.block("+1", SARA)
    books.close()
    again = Books(Clock(), tmp_path, lambda: 10)
    assert again.is_blocked("+1", SARA)
    again.close()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"webhook_base_url": ""}, "webhook_base_url"),
        ({"senders": [{"address": "+1", "channel": "fax"}]}, "fax"),
        ({"people": [{"name": "Nobody"}]}, "Nobody"),
    ],
)
def test_a_bad_configuration_says_what_is_bad(change: dict[str, object], complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        parse(config_for("http://x") | change)
