"""Anything at all, in any order: nobody stumbles, nobody is left without an answer or a way out."""

import random
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from bot import metrics
from bot.services import Services
from domain.contacts import Contact
from domain.conversations import Conversation
from domain.messages import Message
from flows.book import COMMANDS, FLOWS
from flows.words import phrases
from tests.conftest import Later
from tests.noor import HUDA, OMAR, PAUSED, SARA, SMS, STRANGER, WHATSAPP, Noor
from tests.twilio import deliver, inbound

PEOPLE = [(phone, channel) for phone in (SARA, OMAR, HUDA, PAUSED, STRANGER) for channel in ("whatsapp", "sms")]
ODD = [
    "",
    " ",
    "0",
    "٠",
    "-1",
    "1e9",
    "9" * 40,
    "'; DROP TABLE message; --",
    "{0}{count}%s%(name)s",
    "<script>alert(1)</script>",
    "*bold* _it_ ~no~ ```code```",
    "\u202e\u2067txet\u2069",
    "👩‍👩‍👧‍👦" * 30,
    "\x00\x01\x7f",
    "كلمة " * 2000,
    "a" * 10_000,
    "1001",
    "١٠٠١",
    "123456",
    "STOP",
    "START",
    "yes",
    "نعم",
]
KINDS = [
    {"Latitude": "24.7", "Longitude": "46.6", "Label": "Home"},
    {"Latitude": "abc", "Longitude": "999"},
    {"NumMedia": "1", "MediaUrl0": "http://x/1", "MediaContentType0": "image/jpeg"},
    {"NumMedia": "1", "MediaUrl0": "http://x/1", "MediaContentType0": "audio/ogg"},
    {"NumMedia": "99", "MediaUrl0": "", "MediaContentType0": ""},
    {"NumMedia": "x"},
    {"ButtonPayload": "x" * 300, "ButtonText": "?"},
    {"ButtonPayload": "1.end_messages", "ButtonText": "?"},
    {"ListId": "999999999.account:1001"},
    {"SomethingNew": "of 2027", "MessageType": "hologram"},
]


@pytest.fixture
def failures() -> Callable[[], float]:
    count = metrics.turns_failed._value.get  # type: ignore[attr-defined]
    before = count()
    return lambda: count() - before


def choices(dice: random.Random, old: list[dict[str, str]]) -> tuple[str, dict[str, str]]:
    """Return what somebody sends: a number, a word, a sentence, a button new or old, rubbish, or something else."""
    kind = dice.randrange(8)
    words = sorted(phrases(dice.choice(sorted(COMMANDS))))
    if kind < 3:
        return str(dice.randint(1, 6)), {}
    if kind == 3:
        return dice.choice(words), {}
    if kind == 4:
        return f"{dice.choice(words)} {dice.choice(ODD)[:40]}", {}
    if kind == 5 and old:
        button = dice.choice(old[-40:])
        return button["title"], {"ButtonPayload": button["id"], "ButtonText": button["title"]}
    if kind == 6:
        return dice.choice(["", "see here"]), dict(dice.choice(KINDS))
    return dice.choice(ODD), {}


def walk(app: Flask, later: Later, steps: int, seed: int) -> None:
    """Let everybody say anything, step by step."""
    dice = random.Random(seed)
    old: dict[tuple[str, str], list[dict[str, str]]] = {person: [] for person in PEOPLE}
    services: Services = app.extensions["raseed"]
    for step in range(steps):
        person = dice.choice(PEOPLE)
        phone, channel = person
        later(seconds=dice.choice([6, 6, 6, 60, 2400]))
        body, params = choices(dice, old[person])
        form = inbound(channel, phone, WHATSAPP if channel == "whatsapp" else SMS, body, **params)
        assert deliver(app, form).status_code == 200, (seed, step, body, params)
        with services.door.for_every_business() as session:
            talk = session.scalars(
                select(Conversation)
                .join(Contact, Contact.id == Conversation.contact_id)
                .where(Contact.address == phone, Contact.channel == channel)
            ).one()
            last = session.scalars(
                select(Message).where(Message.conversation_id == talk.id).order_by(Message.seq.desc()).limit(1)
            ).one()
        assert talk.flow is None or talk.state in FLOWS[talk.flow].states, (seed, step)
        assert last.direction == "outbound" or channel == "sms", (seed, step, body)
        if last.choices:
            old[person] += last.choices["entries"]
        if step % 20 == 0 and not talk.carrier_stopped:
            has_a_way_out(app, person, services)


def has_a_way_out(app: Flask, person: tuple[str, str], services: Services) -> None:
    """Assert that the word for the menu leads to it, from wherever this person stands."""
    phone, channel = person
    deliver(app, inbound(channel, phone, WHATSAPP if channel == "whatsapp" else SMS, "menu"))
    with services.door.for_every_business() as session:
        talk = session.scalars(
            select(Conversation)
            .join(Contact, Contact.id == Conversation.contact_id)
            .where(Contact.address == phone, Contact.channel == channel)
        ).one()
        assert talk.flow == "menu"


def test_a_walk_of_two_thousand_steps(app: Flask, noor: Noor, later: Later, failures: Callable[[], float]) -> None:
    seed = random.SystemRandom().randrange(10**6)
    walk(app, later, 2000, seed)
    assert failures() == 0, seed


@pytest.mark.long
def test_a_walk_of_twenty_thousand_steps(app: Flask, noor: Noor, later: Later, failures: Callable[[], float]) -> None:
    for seed in range(10):
        walk(app, later, 2000, seed)
    assert failures() == 0
