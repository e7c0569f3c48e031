"""Every kind of inbound message has its answer."""

import pytest
from flask import Flask
from sqlalchemy import select

from bot.services import Services
from domain.contacts import Contact
from domain.messages import Message
from tests.chat import Chat
from tests.noor import SARA, WHATSAPP, Noor
from tests.twilio import deliver, inbound

PHOTO = {"NumMedia": "1", "MediaUrl0": "https://api.twilio.com/x", "MediaContentType0": "image/jpeg"}
CASES = {
    "text": ({"Body": "balance"}, "Amount due"),
    "digits of another script": ({"Body": "١"}, "Amount due"),
    "a keycap emoji": ({"Body": "1️⃣"}, "Amount due"),
    "a number with punctuation": ({"Body": " 1. "}, "Amount due"),
    "a button": ({"Body": "Whatever it says", "ButtonPayload": "balance", "ButtonText": "x"}, "Amount due"),
    "a list item": ({"Body": "Balance", "ListId": "balance", "ListTitle": "Balance"}, "Amount due"),
    "a button nobody knows": ({"Body": "?", "ButtonPayload": "launch"}, "didn't understand"),
    "a photo": (PHOTO, "received your file"),
    "a photo with a word": ({**PHOTO, "Body": "balance"}, "Amount due"),
    "a voice note": ({**PHOTO, "MediaContentType0": "audio/ogg"}, "listen to voice"),
    "a sticker": ({**PHOTO, "MediaContentType0": "image/webp"}, "sticker"),
    "a place": ({"Latitude": "24.71", "Longitude": "46.67", "Label": "Home"}, "location"),
    "nothing": ({"Body": ""}, "empty"),
    "only spaces": ({"Body": " \n "}, "empty"),
    "1,600 characters": ({"Body": "ع" * 1600}, "didn't understand"),
    "1,600 digits": ({"Body": "1" * 1600}, "didn't understand"),
    "emoji": ({"Body": "👍🏽👨‍👩‍👧"}, "didn't understand"),
    "a zero character": ({"Body": "bal\0ance"}, "Amount due"),
    "parameters nobody has heard of": ({"Body": "balance", "Überraschung": "ja", "Xy[]": "1"}, "Amount due"),
    "a number of media that is none": ({"Body": "balance", "NumMedia": "many"}, "Amount due"),
    "injection": ({"Body": "'; DROP TABLE message; -- {amount} %s ${x}"}, "didn't understand"),
}


@pytest.mark.parametrize(("params", "answer"), CASES.values(), ids=CASES.keys())
def test_answers(app: Flask, noor: Noor, params: dict[str, str], answer: str) -> None:
    sara = Chat(app, SARA)
    sara.says("english")
    params = dict(params)
    sara.says(params.pop("Body", ""), **params)
    sara.hears(answer)


def test_somebody_without_a_number_is_answered(app: Flask, noor: Noor, services: Services) -> None:
    unseen = Chat(app, "SA.1A2b3C4d5E6f7G8h9I0j")
    unseen.says("hi", ExternalUserId="whatsapp:SA.1A2b3C4d5E6f7G8h9I0j")
    unseen.hears("Welcome to Noor Electricity")
    with services.door.for_every_business() as session:
        contact = session.scalars(select(Contact).where(Contact.address == unseen.phone)).one()
    assert (contact.channel, contact.external_id) == ("whatsapp", "SA.1A2b3C4d5E6f7G8h9I0j")


def test_a_number_of_ours_that_we_do_not_know_is_answered_with_silence(
    app: Flask, noor: Noor, services: Services
) -> None:
    assert deliver(app, inbound("whatsapp", SARA, "+10000000000", "hi")).status_code == 200
    with services.door.for_every_business() as session:
        assert session.scalars(select(Message)).all() == []


def test_a_form_that_is_no_message_is_refused(app: Flask, noor: Noor) -> None:
    form = inbound("whatsapp", SARA, WHATSAPP, "hi")
    del form["MessageSid"]
    assert deliver(app, form).status_code == 400


def test_a_body_too_large_is_refused_with_a_problem_document(app: Flask, noor: Noor) -> None:
    response = deliver(app, inbound("whatsapp", SARA, WHATSAPP, "x" * 300_000))
    assert response.status_code == 413
    assert response.content_type == "application/problem+json"


def test_what_came_is_kept_as_it_came(app: Flask, noor: Noor, services: Services) -> None:
    Chat(app, SARA).says("  كم رصيدي؟ ", ProfileName="Sara ✨", Unheard="of")
    with services.door.for_every_business() as session:
        row = session.scalars(select(Message).where(Message.direction == "inbound")).one()
    assert row.text == "  كم رصيدي؟ "
    assert (row.params["ProfileName"], row.params["Unheard"]) == ("Sara ✨", "of")
