"""A vendor for a test."""

from collections.abc import Iterator

import pytest

from tests.vendors.emulator import Emulator, emulator


@pytest.fixture
def box() -> Iterator[Emulator]:
    with emulator() as found:
        yield found
