"""What the tests of billing stand on: a company, in the middle of November 2026."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from bot.services import Services
from domain import clock
from tests.billing.world import Company, founded

MIDDLE = "2026-11-15T09:00:00+03:00"


@pytest.fixture
def clock_file(app: Flask, tmp_path: Path) -> Iterator[Path]:
    """The clock of a test, which stands still; whoever writes into it moves it."""
    path = tmp_path / "clock"
    path.write_text(MIDDLE)
    clock.use_file(path)
    yield path
    clock.use_file(None)


@pytest.fixture
def company(services: Services, clock_file: Path) -> Company:
    return founded(services.door)
