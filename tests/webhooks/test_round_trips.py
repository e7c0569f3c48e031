"""How often the database is asked while a customer waits."""

import pytest
from flask import Flask

from tests.chat import Chat
from tests.noor import OMAR, SARA, SMS, WHATSAPP, Noor
from tests.twilio import deliver, inbound
from tests.wire import before_each_round_trip

# BEGIN, enter, open and accounts together; standing; close and COMMIT together.
MOST = 3


@pytest.mark.parametrize("phone", [SARA, OMAR])
@pytest.mark.parametrize("channel", ["whatsapp", "sms"])
def test_a_full_turn(app: Flask, noor: Noor, phone: str, channel: str) -> None:
    chat = Chat(app, phone, channel)
    chat.says("english")
    chat.says("balance")
    chat.says("1")
    chat.says("menu")
    trips = 0

    def count() -> None:
        nonlocal trips
        trips += 1

    form = inbound(channel, phone, WHATSAPP if channel == "whatsapp" else SMS, "1")
    with before_each_round_trip(count):
        deliver(app, form)
    assert trips == MOST
    assert "Amount due" in chat.rows()[-1].text
