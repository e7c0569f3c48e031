"""What the database itself refuses, whoever asks: pauses that overlap, and an end that does not follow from them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from domain import clock
from domain.door import Door, Visit
from domain.ids import new_id
from domain.subscriptions import Pause
from domain.subscriptions.changing import pause, resume
from domain.subscriptions.history import BY_ITSELF
from domain.subscriptions.holding import look_at_holding, save_holding
from domain.subscriptions.rules import Wish
from domain.subscriptions.term import planned_term
from domain.subscriptions.wall import moment_of
from tests.conftest import Later
from tests.noor import HUDA, Noor
from tests.subscriptions.people import subscribed


@pytest.fixture
def paused_once(door: Door, noor: Noor, later: Later) -> UUID:
    """A subscription that was paused for an hour, an hour ago."""
    today = clock.today("Asia/Riyadh")
    one = subscribed(door, noor.business_id, "D-1", planned_term(today, 30, today), phone=HUDA)
    with door.for_business(noor.business_id) as session:
        pause(Visit.within(session), noor.business_id, one, Wish(), BY_ITSELF)
        later(hours=1)
        resume(Visit.within(session), noor.business_id, one, BY_ITSELF)
    later(hours=1)
    return one


def added(door: Door, noor: Noor, one: UUID, **values: Any) -> None:
    began, ended = (moment_of(clock.now() - timedelta(minutes=ago), "Asia/Riyadh") for ago in (70, 10))
    with door.for_business(noor.business_id) as session:
        before = session.query(Pause).filter_by(subscription_id=one).one()
        row: dict[str, Any] = {
            "number": 2, "previous": 1, "previous_ended_at": before.ended_at, "began_at": before.ended_at,
            "ended_at": ended.at, "began": before.ended, "ended": ended.wall, "period": 1, "cause": "asked",
        }  # fmt: skip
        early = {"began_at": began.at, "began": began.wall} if values.pop("overlaps", False) else {}
        own = {"id": new_id(), "business_id": noor.business_id, "subscription_id": one}
        session.add(Pause(**own, **{**row, **early, **values}))
        session.flush()
        length = "CAST(:ended AS timestamp) - CAST(:began AS timestamp)"
        session.execute(
            text(f"UPDATE subscription SET pauses = 2, ends = ends + ({length}) WHERE id = :id"),
            {"id": one, "began": {**row, **early}["began"], "ended": ended.wall},
        )


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"overlaps": True}, "ck_pause_overlap"),
        ({"previous_ended_at": clock.now() - timedelta(days=9)}, "fk_pause_previous"),
        ({"previous": None, "previous_ended_at": None}, "ck_pause_previous"),
        ({"number": 1, "previous": None, "previous_ended_at": None}, "uq_pause_subscription_id_number"),
    ],
)
def test_pauses_follow_one_another(
    door: Door, noor: Noor, paused_once: UUID, values: dict[str, Any], why: str
) -> None:  # fmt: skip
    with pytest.raises(DBAPIError, match=why):
        added(door, noor, paused_once, **values)


def test_a_pause_that_follows_is_taken(door: Door, noor: Noor, paused_once: UUID) -> None:
    added(door, noor, paused_once)


def test_a_pause_without_its_end_is_refused(door: Door, noor: Noor, paused_once: UUID) -> None:
    with pytest.raises(DBAPIError, match="its end is not"), door.for_business(noor.business_id) as session:
        session.execute(text("UPDATE subscription SET pauses = 2 WHERE id = :id"), {"id": paused_once})


def test_what_was_changed_meanwhile_is_not_written_over(door: Door, noor: Noor, paused_once: UUID) -> None:
    with door.for_business(noor.business_id) as session:
        stale = look_at_holding(Visit.within(session), noor.business_id, paused_once)
    with door.for_business(noor.business_id) as session:
        pause(Visit.within(session), noor.business_id, paused_once, Wish(), BY_ITSELF)
    with pytest.raises(RuntimeError, match="without its lock"), door.for_business(noor.business_id) as session:
        save_holding(Visit.within(session), stale)
