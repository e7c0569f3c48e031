"""One inbound message, one effect; one turn at a time in a conversation; all of a turn or nothing."""

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from bot.services import Services
from domain.contacts import Contact
from domain.conversations import Conversation
from domain.door import Door
from domain.messages import Message
from tests.chat import Chat
from tests.noor import OMAR, SARA, WHATSAPP, Noor
from tests.twilio import deliver, inbound


def _said(door: Door, direction: str) -> list[Message]:
    with door.for_every_business() as session:
        return list(session.scalars(select(Message).where(Message.direction == direction).order_by(Message.seq)))


def test_a_webhook_that_comes_twice_has_one_effect(app: Flask, noor: Noor, services: Services) -> None:
    form = inbound("whatsapp", SARA, WHATSAPP, "balance")
    first, second = deliver(app, form), deliver(app, form)
    assert first.data == second.data
    assert second.status_code == 200
    assert len(_said(services.door, "inbound")) == len(_said(services.door, "outbound")) == 1
    with services.door.for_every_business() as session:
        assert session.scalars(select(Conversation.turns)).all() == [1]


@pytest.mark.parametrize("known_before", [True, False])
def test_a_webhook_that_comes_twice_at_the_same_instant_has_one_effect(
    app: Flask, noor: Noor, services: Services, known_before: bool
) -> None:
    if known_before:
        Chat(app, SARA).says("hi")
    before = len(_said(services.door, "outbound"))
    for _ in range(10):
        form, together = inbound("whatsapp", SARA, WHATSAPP, "balance"), threading.Barrier(4)

        def send(form: dict[str, str] = form, together: threading.Barrier = together) -> int:
            together.wait()
            return deliver(app, form).status_code

        with ThreadPoolExecutor(4) as pool:
            codes = [future.result() for future in [pool.submit(send) for _ in range(4)]]
        assert codes == [200] * 4
    assert len(_said(services.door, "outbound")) - before == 10


def test_ten_messages_at_once_become_ten_turns_in_a_row(app: Flask, noor: Noor, services: Services) -> None:
    forms = [inbound("whatsapp", SARA, WHATSAPP, "menu" if n % 2 else "balance") for n in range(10)]
    with ThreadPoolExecutor(10) as pool:
        codes = list(pool.map(lambda form: deliver(app, form).status_code, forms))
    assert codes == [200] * 10
    with services.door.for_every_business() as session:
        assert session.scalars(select(Conversation.turns)).all() == [10]
        rows = session.execute(select(Message.direction, Message.text).order_by(Message.seq)).all()
    # Each turn's answer follows its own question at once: no turn ran into another.
    assert [row.direction for row in rows] == ["inbound", "outbound"] * 10
    for asked, answered in zip(rows[::2], rows[1::2], strict=True):
        assert ("المبلغ المستحق عليكم" in answered.text) == (asked.text == "balance")


def test_two_people_never_wait_for_each_other(app: Flask, noor: Noor, services: Services) -> None:
    sara, omar = Chat(app, SARA), Chat(app, OMAR)
    sara.says("hi")
    omar.says("hi")
    with services.door.for_every_business() as session:
        session.execute(select(Contact).where(Contact.address == SARA).with_for_update()).all()
        session.execute(select(Conversation).join(Contact).where(Contact.address == SARA).with_for_update()).all()
        omar.says("english")
        omar.hears("Hello, this is Noor Electricity")


# What a turn asks of the database, in order; a process is killed right before each, and right after the commit.
POINTS = ["open", "meet", "accounts", "standing", "close", "commit", "after the commit"]


@pytest.mark.parametrize("point", range(len(POINTS)), ids=POINTS)
def test_a_process_killed_within_a_turn_leaves_all_of_it_or_nothing(
    environment: dict[str, str], app: Flask, noor: Noor, services: Services, point: int
) -> None:
    form = inbound("whatsapp", SARA, WHATSAPP, "balance")
    arguments = [sys.executable, "-m", "tests.webhooks.killed", str(point)]
    arguments += [f"{name}={value}" for name, value in form.items()]
    ended = subprocess.run(arguments, env={**os.environ, **environment}, check=False, timeout=30)
    assert ended.returncode == -signal.SIGKILL
    committed = POINTS[point] == "after the commit"
    _wait_for_the_dead(services.door)
    assert len(_said(services.door, "inbound")) == len(_said(services.door, "outbound")) == committed
    # Brought again, it is answered exactly once.
    assert deliver(app, form).status_code == 200
    assert len(_said(services.door, "inbound")) == len(_said(services.door, "outbound")) == 1


def _wait_for_the_dead(door: Door) -> None:
    """Wait until PostgreSQL has noticed that its client is gone and has undone its transaction."""
    with door.for_every_business() as session:
        session.execute(select(func.count()).select_from(Message))
        session.execute(text("LOCK TABLE contact IN EXCLUSIVE MODE"))
