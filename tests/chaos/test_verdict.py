"""The verdict sees what it is there for: a harness that finds nothing wrong in anything would be worth nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.chaos.outgoing import Meant
from tests.chaos.people import Person
from tests.chaos.plan import KILLS, LONG, OTHERS, blows
from tests.chaos.rows import Row
from tests.chaos.verdict import Verdict, judge
from tests.chaos.watch import Step, longest_doubt

PHONE = "+966500020001"
NOTICE = "Chaos 00001: your invoice is ready."
FIRST, SECOND = UUID(int=1), UUID(int=2)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
GOOD = [Step(status, NOW) for status in ("queued", "sending", "accepted", "sent", "delivered", "read")]


def row(number: UUID = FIRST, status: str = "read", sid: str | None = "SM1", **more: Any) -> Row:
    values = {
        "id": number, "seq": number.int, "direction": "outbound", "channel": "sms", "kind": "notice",
        "address": PHONE, "text": NOTICE, "status": status, "reason": None, "provider_sid": sid, "attempts": 1,
    }  # fmt: skip
    return Row(**{**values, **more})


def sent(number: UUID = FIRST, status: str = "read", sid: str = "SM1", text: str = NOTICE) -> dict[str, Any]:
    return {
        "sid": sid, "origin": "api", "direction": "outbound-api", "channel": "sms", "from": "", "to": PHONE,
        "shown": text, "status": status, "status_callback": f"http://us/webhooks/twilio/status?message={number}",
    }  # fmt: skip


def written(sid: str = "SM9") -> dict[str, Any]:
    return {"sid": sid, "origin": "person", "direction": "inbound", "channel": "sms", "from": PHONE, "to": ""}


def judged(
    rows: list[Row], books: list[dict[str, Any]], steps: list[Step] = GOOD, meant: int | None = None, unfolded: int = 0
) -> Verdict:
    notices = sum(one.text == NOTICE for one in rows) if meant is None else meant
    wanted = [Meant(NOTICE, "notice", Person(PHONE, "sms"))] * notices
    return judge(wanted, rows, books, dict.fromkeys((FIRST, SECOND), steps), unfolded)


def wrong(verdict: Verdict) -> dict[str, int]:
    harmless = {"as at Twilio", "overtook", "behind", "read unseen", "were in doubt"}
    return {name: number for name, number in verdict.numbers.items() if name not in harmless}


def test_what_went_well_is_well() -> None:
    verdict = judged([row()], [sent()])
    assert verdict.is_good
    assert verdict.numbers == {"as at Twilio": 1}


@pytest.mark.parametrize(
    ("verdict", "found"),
    [
        (judged([], [], meant=1), {"lost": 1}),
        (judged([row(sid=None)], []), {"lost": 1, "no SID": 1}),
        (judged([row()], [sent(), sent(sid="SM2")]), {"doubled": 1}),
        (judged([row(), row(SECOND, sid="SM2")], [sent(), sent(SECOND, sid="SM2")], meant=1), {"doubled": 1}),
        (judged([row(status="in_doubt", sid=None)], [sent()]), {"unsettled": 1}),
        (judged([row()], [sent()], [*GOOD, Step("sent", NOW)]), {"backwards": 1}),
        (judged([row()], [sent()], [*GOOD[:2], Step("failed", NOW), Step("queued", NOW)]), {"backwards": 1}),
        (judged([row(status="failed", sid=None)], []), {"no reason": 1}),
        (judged([row(status="failed", sid=None, reason="30008")], [sent()]), {"misjudged": 1}),
        (judged([row(status="read")], [sent(status="delivered")]), {"misjudged": 1}),
        (judged([row()], [sent()], unfolded=3), {"unfolded": 3}),
        (judged([], [written()]), {"unanswered": 1}),
    ],
)
def test_what_went_wrong_is_found(verdict: Verdict, found: dict[str, int]) -> None:
    assert wrong(verdict) == found
    assert not verdict.is_good


def test_a_status_that_stays_behind_is_found() -> None:
    verdict = judged([row(status="sent")], [sent(status="undelivered")])
    assert verdict.numbers["behind"] == 1
    assert not verdict.is_good


@pytest.mark.parametrize(
    "verdict",
    [
        judged([row(status="undelivered", reason="30006")], [sent(status="undelivered")]),
        judged([row(status="failed", sid=None, reason="unsettled")], []),
        # Of two that say the same, either may stand for the other.
        judged(
            [row(status="read", sid="SM2"), row(SECOND, "failed", None, reason="unsettled")], [sent(SECOND, sid="SM2")]
        ),
    ],
)
def test_a_bad_end_with_its_reason_is_an_end(verdict: Verdict) -> None:
    assert wrong(verdict) in ({}, {"notice given up": 1})
    assert verdict.is_good


def test_everybody_who_writes_is_answered_once() -> None:
    heard = row(SECOND, "received", "SM9", direction="inbound", text="hi")
    third = UUID(int=3)
    reply, copy = row(third, sid="SM3", kind="reply", text="Hello"), sent(third, sid="SM3", text="Hello")
    assert wrong(judged([heard, reply], [written(), copy])) == {}
    again = row(UUID(int=4), sid="SM4", kind="reply", text="Hello again")
    twice = judged([heard, reply, again], [written(), copy, sent(again.id, sid="SM4", text="Hello again")])
    assert wrong(twice) == {"answered twice": 1, "turns with several": 1}
    assert wrong(judged([heard], [written()])) == {"unanswered": 1, "turns without a reply": 1}


def test_a_seed_is_a_storm() -> None:
    assert blows(7, LONG) == blows(7, LONG) != blows(8, LONG)
    assert {blow.what for blow in blows(7, LONG)} == {*KILLS, *OTHERS}


def test_how_long_a_doubt_was() -> None:
    steps = [Step(status, NOW + timedelta(seconds=at)) for status, at in STUMBLED]
    assert longest_doubt(steps) == 50


STUMBLED = [
    ("queued", 0),
    ("sending", 1),
    ("in_doubt", 11),
    ("queued", 41),
    ("sending", 50),
    ("in_doubt", 60),
    ("read", 100),
]
