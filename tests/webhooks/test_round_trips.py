"""How often the database is asked while a customer waits."""

import pytest
from flask import Flask

from bot.services import Services
from tests.chat import Chat
from tests.noor import OMAR, SARA, SMS, WHATSAPP, Noor
from tests.twilio import deliver, inbound
from tests.wire import RoundTrips

MOST = 6  # BEGIN, open, accounts, standing, close, COMMIT


@pytest.mark.parametrize("phone", [SARA, OMAR])
@pytest.mark.parametrize("channel", ["whatsapp", "sms"])
def test_a_full_turn(app: Flask, noor: Noor, services: Services, phone: str, channel: str) -> None:
    chat = Chat(app, phone, channel)
    chat.says("english")
    chat.says("balance")
    chat.says("1")
    chat.says("menu")
    form = inbound(channel, phone, WHATSAPP if channel == "whatsapp" else SMS, "1")
    with RoundTrips(services.door.engine) as trips:
        deliver(app, form)
    assert trips.number == MOST
    assert "Amount due" in chat.rows()[-1].text
