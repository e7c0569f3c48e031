"""One-time codes by themselves: used once, counted one by one, whatever happens at once."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import select

from domain import clock, codes
from domain.codes import LOCKED, MOST_TRIES, ONE_BY_ONE, RIGHT, WRONG, Asked, Destination, issue, try_code
from domain.codes import OneTimeCode as Row
from domain.contacts import Contact
from domain.door import Door, Visit
from domain.ids import new_id
from tests.noor import HUDA, Noor

PHONE = "+966500000001"
HERE = Destination(None, PHONE, "SA", ("SA",))


@pytest.fixture
def asked(door: Door, noor: Noor) -> Asked:
    codes.use_secret("a-secret-for-the-tests")
    with door.for_business(noor.business_id) as session:
        contact = session.scalars(select(Contact.id).where(Contact.address == HUDA)).first()
    assert contact is not None
    return Asked(noor.business_id, contact, "pay", "purchase 7")


@contextmanager
def visit_of(door: Door, business_id: UUID) -> Iterator[Visit]:
    with door.for_visit() as visit:
        visit.ask("SELECT set_config('raseed.business', %(id)s, true)", {"id": str(business_id)})
        yield visit


def issued(door: Door, asked: Asked, to: Destination = HERE) -> str | None:
    with visit_of(door, asked.business_id) as visit:
        visit.ask(f"SELECT {ONE_BY_ONE}", {"business_id": asked.business_id})
        return issue(visit, asked, to).digits


def tried(door: Door, asked: Asked, digits: str) -> str:
    with visit_of(door, asked.business_id) as visit:
        return try_code(visit, asked, digits).outcome


def at_once(times: int, do: Callable[[int], str | None]) -> Counter[str | None]:
    """Do something many times at the same moment, each over a connection of its own."""
    gate = Barrier(times)

    def one(number: int) -> str | None:
        gate.wait()
        return do(number)

    with ThreadPoolExecutor(times) as pool:
        return Counter(pool.map(one, range(times)))


def others(door: Door, asked: Asked, number: int) -> list[Asked]:
    """Return other contacts that ask for the same."""
    with door.for_business(asked.business_id) as session:
        contacts = [
            Contact(id=new_id(), business_id=asked.business_id, channel="whatsapp", address=f"+96650001{n:04d}")
            for n in range(number)
        ]
        session.add_all(contacts)
        return [replace(asked, contact_id=contact.id) for contact in contacts]


def wrong(code: str | None) -> str:
    return f"{(int(code or '0') + 1) % 10**6:06}"


def test_a_code_is_six_digits_and_is_used_once(door: Door, asked: Asked) -> None:
    code = issued(door, asked)
    assert code is not None
    assert len(code) == 6
    assert code.isdigit()
    assert [tried(door, asked, code) for _ in range(2)] == [RIGHT, WRONG]


def test_used_many_times_at_once_it_is_used_once(door: Door, asked: Asked) -> None:
    code = issued(door, asked) or ""
    outcomes = at_once(8, lambda _: tried(door, asked, code))
    assert outcomes[RIGHT] == 1


def test_tried_many_times_at_once_five_are_counted(door: Door, asked: Asked) -> None:
    code = issued(door, asked)
    assert at_once(12, lambda _: tried(door, asked, wrong(code))) == {WRONG: MOST_TRIES - 1, LOCKED: 8}
    assert tried(door, asked, code or "") == LOCKED


def test_tried_by_many_at_once_five_are_counted(door: Door, asked: Asked) -> None:
    people = others(door, asked, 12)
    given = [issued(door, one, replace(HERE, address=f"{PHONE}{n}")) for n, one in enumerate(people)]
    outcomes = at_once(12, lambda n: tried(door, people[n], wrong(given[n])))
    assert outcomes == {WRONG: MOST_TRIES - 1, LOCKED: 8}
    assert {tried(door, one, code or "") for one, code in zip(people, given, strict=True)} == {LOCKED}


def test_a_right_code_among_many_wrong_ones_is_right_or_late(door: Door, asked: Asked) -> None:
    people = others(door, asked, 10)
    given = [issued(door, one, replace(HERE, address=f"{PHONE}{n}")) for n, one in enumerate(people)]
    typed = [given[0] or "", *map(wrong, given[1:])]
    outcomes = at_once(10, lambda n: tried(door, people[n], typed[n]))
    assert outcomes[WRONG] == MOST_TRIES - 1
    assert outcomes[RIGHT] + outcomes[LOCKED] == 6
    assert outcomes[RIGHT] <= 1


def test_a_try_that_is_undone_is_undone_whole(door: Door, asked: Asked) -> None:
    """A turn that fails answers nothing, so that its try has taught nothing; the code is still there."""
    code = issued(door, asked) or ""
    with visit_of(door, asked.business_id) as visit:
        assert try_code(visit, asked, code).outcome == RIGHT
        visit.undo()
    assert tried(door, asked, code) == RIGHT


def test_asked_for_at_once_no_more_are_sent_than_may_be(door: Door, asked: Asked) -> None:
    people = others(door, asked, 12)
    outcomes = at_once(12, lambda n: "sent" if issued(door, people[n]) else "refused")
    assert outcomes == {"sent": codes.MOST_TO_NUMBER, "refused": 12 - codes.MOST_TO_NUMBER}


def test_only_a_keyed_hash_is_stored(door: Door, asked: Asked) -> None:
    code = issued(door, asked)
    with door.for_every_business() as session:
        row = session.scalars(select(Row)).one()
    assert row.digest is not None
    assert len(row.digest) == 32
    assert str(code) not in repr({name: value for name, value in vars(row).items() if name != "digest"})
    codes.use_secret("another-secret-of-the-tests")
    assert tried(door, asked, code or "") == WRONG


def test_a_code_is_for_one_contact_purpose_and_subject(door: Door, asked: Asked) -> None:
    code = issued(door, asked) or ""
    (other,) = others(door, asked, 1)
    for stranger in (other, replace(asked, purpose="link"), replace(asked, subject="purchase 8")):
        assert tried(door, stranger, code) == WRONG
    assert tried(door, asked, code) == RIGHT


def test_after_a_month_nothing_is_kept(door: Door, asked: Asked, tmp_path: Path) -> None:
    tried(door, asked, wrong(issued(door, asked)))
    try:
        for days, kept in ((29, 1), (31, 0)):
            (tmp_path / "clock").write_text((datetime.now(UTC) + timedelta(days=days)).isoformat())
            clock.use_file(tmp_path / "clock")
            with door.for_every_business() as session:
                codes.forget_old(session)
                assert len(list(session.scalars(select(Row)))) == kept
                assert len(list(session.scalars(select(codes.CodeLock)))) == 2 * kept
    finally:
        clock.use_file(None)


def test_without_a_secret_there_is_no_code(door: Door, asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes, "_key", None)
    with pytest.raises(codes.NoKeyError):
        issued(door, asked)
