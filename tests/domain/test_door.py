"""The door: what a session does when the database goes away under it."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from domain.door import Door, Visit, was_lost


@pytest.mark.parametrize("when", ["between", "within"])
def test_a_connection_that_died_is_not_given_out_again(door: Door, superuser: Any, when: str) -> None:
    def kill() -> None:
        superuser.execute(text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'raseed'"))

    ask(door, lambda: None)
    if when == "between":
        kill()
    with pytest.raises(psycopg.OperationalError) as raised:
        ask(door, kill if when == "within" else lambda: None)
    assert was_lost(raised.value)
    assert ask(door, lambda: None) == [(1,)]


def ask(door: Door, meanwhile: Callable[[], None]) -> object:
    with door.for_every_business() as session:
        meanwhile()
        return Visit.within(session).ask("SELECT 1", {})
