"""How often the database is asked while a customer waits."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import event

from bot.services import Services
from tests.chat import Chat
from tests.noor import OMAR, SARA, Noor

MOST = 7


@pytest.fixture
def round_trips(services: Services) -> Iterator[list[str]]:
    """Every round trip to the database, BEGIN and COMMIT included."""
    engine, trips = services.door.engine, []

    def statement(_: object, __: object, sql: str, *___: object) -> None:
        trips.append(" ".join(sql.split())[:60])

    def begin(_: object) -> None:
        trips.append("BEGIN")

    def commit(_: object) -> None:
        trips.append("COMMIT")

    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "begin", begin)
    event.listen(engine, "commit", commit)
    yield trips


@pytest.mark.parametrize("phone", [SARA, OMAR])
@pytest.mark.parametrize("channel", ["whatsapp", "sms"])
def test_a_full_turn(app: Flask, noor: Noor, round_trips: list[str], phone: str, channel: str) -> None:
    chat = Chat(app, phone, channel)
    chat.says("english")
    chat.says("balance")
    chat.says("1")
    chat.says("menu")
    round_trips.clear()
    chat.says("1")
    # The harness reads the answer afterwards: BEGIN, enter, read, COMMIT.
    assert len(round_trips) - 4 <= MOST, round_trips
