"""Messages to other addresses: contacts and conversations are made where there are none, and nobody is locked."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from domain.contacts import Contact
from domain.conversations import Conversation
from domain.door import Door, Visit
from domain.messages import Message
from domain.senders import Sender
from domain.speaking import Letter, speak
from tests.jobs.conftest import wait_for
from tests.noor import SARA, Noor


@pytest.fixture
def sms(door: Door, noor: Noor) -> UUID:
    with door.for_business(noor.business_id) as session:
        return session.scalars(select(Sender.id).where(Sender.channel == "sms")).one()


@pytest.fixture
def visit(door: Door, noor: Noor) -> Iterator[Visit]:
    with door.for_visit() as visit:
        visit.ask("SELECT set_config('raseed.business', %(id)s, true)", {"id": str(noor.business_id)})
        yield visit


def letter(sms: UUID, address: str | None, text: str = "hello", **values: object) -> Letter:
    return Letter(sender_id=sms, channel="sms", address=address, kind="notice", text=text, **values)  # type: ignore[arg-type]


def test_to_a_known_phone_and_to_a_new_one(visit: Visit, sms: UUID, noor: Noor) -> None:
    ids = speak(visit, noor.business_id, [letter(sms, SARA, "one"), letter(sms, "+966599", "two"), letter(sms, SARA)])
    found = visit.ask(
        "SELECT message.id, contact.address, text, status, due_at IS NOT NULL, turns FROM message"
        " JOIN contact ON contact.id = contact_id JOIN conversation ON conversation.id = conversation_id ORDER BY seq",
        {},
    )
    assert [row[0] for row in found] == ids
    assert [row[1:] for row in found] == [
        (SARA, "one", "queued", True, 0),
        ("+966599", "two", "queued", True, 0),
        (SARA, "hello", "queued", True, 0),
    ]


def test_skipped_ones_are_not_due_and_those_to_nobody_are_not_written(visit: Visit, sms: UUID, noor: Noor) -> None:
    letters = [letter(sms, SARA, status="skipped", reason="cap"), letter(sms, None)]
    (written,) = speak(visit, noor.business_id, letters)
    assert visit.ask("SELECT id, status, reason, due_at FROM message", {}) == [(written, "skipped", "cap", None)]
    assert speak(visit, noor.business_id, []) == []


def test_five_thousand_in_one_question(visit: Visit, sms: UUID, noor: Noor) -> None:
    many = [letter(sms, f"+9665{n % 4000:08d}", f"number {n}") for n in range(5000)]
    assert len(speak(visit, noor.business_id, many)) == 5000
    ((conversations,),) = visit.ask("SELECT count(*) FROM conversation", {})
    assert conversations == 4000


def test_to_the_same_new_phone_from_many_at_once(door: Door, sms: UUID, noor: Noor) -> None:
    def say(number: int) -> int:
        with door.for_visit() as visit:
            visit.ask("SELECT set_config('raseed.business', %(id)s, true)", {"id": str(noor.business_id)})
            return len(speak(visit, noor.business_id, [letter(sms, "+966598", f"number {number}")]))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(say, range(16))) == [1] * 16
    with door.for_every_business() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 16
        assert session.scalar(select(func.count()).select_from(Conversation)) == 1
        assert session.scalar(select(func.count()).select_from(Contact).where(Contact.address == "+966598")) == 1


def test_a_contact_that_is_just_being_made_is_found_once_it_is_there(
    door: Door, sms: UUID, noor: Noor, superuser: Any
) -> None:
    def say() -> int:
        with door.for_visit() as visit:
            visit.ask("SELECT set_config('raseed.business', %(id)s, true)", {"id": str(noor.business_id)})
            return len(speak(visit, noor.business_id, [letter(sms, "+966597")]))

    with ThreadPoolExecutor(1) as pool:
        with door.for_business(noor.business_id) as session:
            assert len(speak(Visit.within(session), noor.business_id, [letter(sms, "+966597")])) == 1
            second = pool.submit(say)
            wait_for(lambda: superuser.scalar(text("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")), 20)
        assert second.result() == 1
    with door.for_every_business() as session:
        talks = session.scalars(select(Message.conversation_id)).all()
    assert len(talks) == 2
    assert len(set(talks)) == 1


def test_a_contact_that_somebody_holds_is_not_waited_for(door: Door, visit: Visit, sms: UUID, noor: Noor) -> None:
    with door.for_every_business() as holder:
        holder.scalars(select(Contact).where(Contact.address == SARA).with_for_update(key_share=True)).all()
        visit.ask("SET LOCAL lock_timeout = '500ms'", {})
        assert len(speak(visit, noor.business_id, [letter(sms, SARA)])) == 1
