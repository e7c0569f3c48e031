"""Campaigns: who gets what, when, and who gets nothing."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from bot.jobs.campaigns import prepare_all
from bot.jobs.outbox import send_all
from bot.jobs.watching import watch_numbers
from bot.jobs.worker_services import WorkerServices
from domain import clock
from tests.jobs.broadcast import Broadcast
from tests.jobs.conftest import Phone, wait_for
from tests.jobs.saying import Says
from tests.noor import HUDA, OMAR, PAUSED, SARA, SMS, STRANGER, Noor

RIYADH = timedelta(hours=3)


@pytest.fixture
def broadcast(served: Flask, workers: WorkerServices, noor: Noor) -> Broadcast:
    return Broadcast(served, workers, noor)


def texts(phone: Phone) -> dict[str, str]:
    return {one["to"]: one["body"] for one in phone.received()}


def test_everybody_reads_it_in_their_language(broadcast: Broadcast, phone: Phone) -> None:
    broadcast.agree(SARA, OMAR)
    campaign = broadcast.started()
    broadcast.go_on()
    assert texts(phone) == {SARA: "مرحباً سارة الغامدي، خصم ٢٠٪.", OMAR: "Hello Omar Hassan, 20 % off."}
    assert broadcast.counts(campaign)["skipped"] == 2
    assert broadcast.reasons(campaign) == {SARA: None, OMAR: None, HUDA: "no_consent", PAUSED: "no_consent"}
    wait_for(lambda: broadcast.feed() or broadcast.go_on() or broadcast.counts(campaign).get("delivered") == 2)
    assert broadcast.shown(campaign)["status"] == "finished"
    assert len(phone.received()) == 2


def test_values_of_the_customer(broadcast: Broadcast, phone: Phone) -> None:
    broadcast.agree(SARA)
    broadcast.started(texts={"en": "{business} {account_no}: {amount_due} by {due_date}"}, audience={"phones": [SARA]})
    broadcast.go_on()
    (said,) = texts(phone).values()
    assert said.startswith("Noor Electricity 1001: SAR 214.35 by ")


def test_over_whatsapp_where_it_is_open_and_else_by_sms(broadcast: Broadcast, phone: Phone, says: Says) -> None:
    broadcast.agree(SARA, OMAR)
    phone.writes("hi", SARA)
    send_all(broadcast.workers, 20)
    broadcast.started(channel="auto", texts={"en": "Hi"})
    broadcast.go_on()
    went = {one["to"] for one in phone.received() if one["body"] == "Hi"}
    assert went == {f"whatsapp:{SARA}", OMAR}


def test_no_way_to_whatsapp_outside_the_window(broadcast: Broadcast, phone: Phone) -> None:
    broadcast.agree(SARA)
    campaign = broadcast.started(channel="whatsapp", audience={"phones": [SARA]})
    broadcast.go_on()
    assert broadcast.reasons(campaign) == {SARA: "window_closed"}
    assert phone.received() == []


def test_the_other_channel_needs_a_consent_of_its_own(broadcast: Broadcast, phone: Phone) -> None:
    broadcast.agree(SARA, channels=("whatsapp",))
    campaign = broadcast.started(channel="auto", audience={"phones": [SARA]})
    broadcast.go_on()
    assert phone.received() == []
    assert broadcast.counts(campaign) == {"audience": 1, "skipped": 1}


def no_more(broadcast: Broadcast, how: str) -> None:
    if how == "consent":
        broadcast.agree(SARA, granted=False)
    elif how == "consent elsewhere":
        broadcast.agree(SARA, granted=False, channels=("whatsapp",))
    else:
        broadcast.opt_out(SARA, how)


HOWS = ("consent", "consent elsewhere", "sms", "whatsapp")


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("when", ["made", "prepared", "in the outbox"])
def test_who_changes_their_mind_gets_nothing(broadcast: Broadcast, phone: Phone, how: str, when: str) -> None:
    broadcast.agree(SARA, OMAR)
    campaign = broadcast.make(audience={"phones": [SARA, OMAR]})
    if when == "made":
        no_more(broadcast, how)
    broadcast.step(campaign, "start")
    prepare_all(broadcast.workers)
    if when == "prepared":
        no_more(broadcast, how)
    assert broadcast.feed() == (1 if when == "made" else 2)
    if when == "in the outbox":
        assert broadcast.counts(campaign) == {"audience": 2, "queued": 2}
        no_more(broadcast, how)
    broadcast.go_on()
    assert set(texts(phone)) == {OMAR}
    why = "no_consent" if how.startswith("consent") else "opted_out"
    assert broadcast.reasons(campaign) == {SARA: why, OMAR: None}
    assert broadcast.counts(campaign)["skipped"] == 1


def hours(first: timedelta, last: timedelta) -> dict[str, str]:
    """Hours of the business, counted from now; where they would pass midnight they end before it."""
    local = clock.now() + RIYADH
    ends = (local + first, local + last)
    if ends[0].date() != ends[1].date():
        return {"from": "00:00", "until": "00:01"} if first > timedelta(0) else {"from": "00:00", "until": "23:59"}
    return {"from": f"{ends[0]:%H:%M}", "until": f"{ends[1]:%H:%M}"}


def test_outside_its_hours_it_waits(broadcast: Broadcast, phone: Phone) -> None:
    broadcast.agree(SARA, OMAR)
    later = hours(timedelta(hours=2), timedelta(hours=3))
    campaign = broadcast.started(send_between=later, audience={"phones": [SARA, OMAR]})
    broadcast.go_on()
    assert phone.received() == []
    assert broadcast.counts(campaign) == {"audience": 2, "waiting": 2}
    broadcast.sql("UPDATE campaign SET send_from = '00:00', send_until = '23:59'")
    assert broadcast.feed() == 2
    broadcast.sql("UPDATE campaign SET send_from = :f, send_until = :u", f=later["from"], u=later["until"])
    broadcast.send()  # it was in the outbox as the hours ended
    assert phone.received() == []
    broadcast.go_on()
    assert broadcast.counts(campaign) == {"audience": 2, "waiting": 2}
    broadcast.sql("UPDATE campaign SET send_from = '00:00', send_until = '23:59'")
    broadcast.go_on()
    assert len(phone.received()) == 2


def test_paused_it_stands_still_and_resumed_it_goes_on(broadcast: Broadcast, phone: Phone) -> None:
    broadcast.agree(SARA, OMAR, HUDA)
    campaign = broadcast.started(audience={"phones": [SARA, OMAR, HUDA]})
    assert broadcast.feed() == 3
    assert broadcast.step(campaign, "pause")["reason"] == "staff"
    broadcast.send()
    broadcast.go_on()
    assert phone.received() == []
    assert broadcast.counts(campaign) == {"audience": 3, "waiting": 3}
    broadcast.step(campaign, "resume")
    broadcast.go_on()
    assert set(texts(phone)) == {SARA, OMAR, HUDA}
    assert len(phone.received()) == 3


def test_called_off_nobody_gets_it(broadcast: Broadcast, phone: Phone) -> None:
    broadcast.agree(SARA, OMAR)
    campaign = broadcast.started(audience={"phones": [SARA, OMAR]})
    broadcast.feed()
    broadcast.step(campaign, "cancel")
    broadcast.send()
    broadcast.go_on()
    assert phone.received() == []
    assert broadcast.counts(campaign) == {"audience": 2, "cancelled": 2}
    refused = broadcast.agent.asks("POST", f"/campaigns/{campaign}/resume")
    assert (refused.status_code, refused.json["code"]) == (409, "illegal_transition")


def test_a_reply_does_not_wait_for_a_campaign_that_stands(broadcast: Broadcast, phone: Phone) -> None:
    broadcast.agree(SARA)
    phone.writes("hi", SARA)
    broadcast.send()
    campaign = broadcast.started(channel="whatsapp", texts={"en": "Offer"}, audience={"phones": [SARA]})
    assert broadcast.feed() == 1
    broadcast.step(campaign, "pause")
    before = len(phone.received())
    phone.writes("english", SARA)
    assert send_all(broadcast.workers, 20, 0)
    assert len(phone.received()) == before + 1


def test_nobody_gets_more_than_the_cap_in_a_week(broadcast: Broadcast, phone: Phone) -> None:
    broadcast.agree(SARA)
    campaigns = [broadcast.started(audience={"phones": [SARA]}) for _ in range(5)]
    broadcast.go_on()
    assert broadcast.counts(campaigns[-1]) == {"audience": 1, "skipped": 1}
    assert [broadcast.reasons(one)[SARA] for one in campaigns] == [None, None, None, "weekly_cap", "weekly_cap"]
    broadcast.sql("UPDATE campaign_recipient SET given_at = given_at - interval '8 days'")
    broadcast.sql("UPDATE message SET claimed_at = claimed_at - interval '1 minute'")
    broadcast.started(audience={"phones": [SARA]})
    broadcast.go_on()
    assert len(phone.received()) == 4


def test_it_stops_by_itself_when_too_much_fails(broadcast: Broadcast, phone: Phone) -> None:
    broadcast.crowd(120)
    phone.fault("create", "error_code", params={"code": 30450})
    campaign = broadcast.started(audience={"tags": ["crowd"]})
    broadcast.sql("UPDATE sender SET messages_per_second = 30")
    broadcast.go_on(3)
    shown = broadcast.shown(campaign)
    assert (shown["status"], shown["reason"]) == ("paused", "route_blocked")
    counts = broadcast.counts(campaign)
    assert counts["waiting"] > 0 < counts["failed"]
    told = broadcast.agent.gets("/notifications", unread="true")["items"]
    assert ("campaign_paused", "route_blocked") in {(one["kind"], one["facts"]["code"]) for one in told}


def test_it_stops_at_once_when_its_words_are_refused(broadcast: Broadcast, phone: Phone) -> None:
    broadcast.agree(SARA, OMAR)
    phone.fault("create", "error_code", params={"code": 63028}, count=1)
    campaign = broadcast.started(audience={"phones": [SARA, OMAR]}, messages_per_second=0.1)
    assert broadcast.feed() == 1
    broadcast.send()
    shown = broadcast.shown(campaign)
    assert (shown["status"], shown["reason"]) == ("paused", "template_refused")
    broadcast.go_on()
    assert phone.received() == []


def test_its_own_pace(broadcast: Broadcast) -> None:
    broadcast.crowd(40)
    broadcast.started(audience={"tags": ["crowd"]}, messages_per_second=5)
    assert broadcast.feed() == 5
    assert broadcast.feed() == 0


def test_the_outbox_is_never_full_of_it(broadcast: Broadcast) -> None:
    broadcast.crowd(300)
    broadcast.sql("UPDATE sender SET messages_per_second = 50")
    broadcast.started(audience={"tags": ["crowd"]})
    assert [broadcast.feed() for _ in range(3)] == [100, 0, 0]


def test_who_may_not_be_reached_today_waits(broadcast: Broadcast, phone: Phone) -> None:
    broadcast.agree(SARA, OMAR, HUDA)
    broadcast.sql("UPDATE sender SET messaging_limit = 2 WHERE channel = 'whatsapp'")
    broadcast.sql(
        """
        INSERT INTO template (id, created_at, business_id, account_sid, name, language, version, category, body,
                              variables, content_sid, status, checked_at)
        SELECT gen_random_uuid(), now(), id, :sid, 'offer', 'en', 1, 'marketing', 'Hello {{1}}', ARRAY['name'],
               'HX' || repeat('0', 32), 'approved', now() FROM business
        """,
        sid=broadcast.workers.accounts.own.sid,
    )
    campaign = broadcast.started(
        channel="whatsapp", texts=None, template="offer", audience={"phones": [SARA, OMAR, HUDA]}
    )
    broadcast.feed()
    broadcast.feed()
    assert broadcast.counts(campaign) == {"audience": 3, "queued": 2, "waiting": 1}
    broadcast.sql("UPDATE message SET created_at = created_at - interval '25 hours'")
    assert broadcast.feed() == 0  # nobody looks again for a minute
    broadcast.sql("UPDATE campaign SET free_at = free_at - interval '1 minute'")
    broadcast.feed()
    assert broadcast.counts(campaign) == {"audience": 3, "queued": 3}


def test_its_time_comes(broadcast: Broadcast, phone: Phone) -> None:
    broadcast.agree(SARA)
    soon = (clock.now() + timedelta(hours=1)).isoformat()
    campaign = broadcast.make(schedule_at=soon, audience={"phones": [SARA]})
    assert broadcast.step(campaign, "start")["status"] == "scheduled"
    broadcast.go_on()
    assert broadcast.shown(campaign)["status"] == "scheduled"
    broadcast.sql("UPDATE campaign SET schedule_at = now() - interval '10 minutes'")
    broadcast.feed()
    prepare_all(broadcast.workers)
    broadcast.go_on()
    assert set(texts(phone)) == {SARA}


def test_what_should_have_begun_long_ago_asks(broadcast: Broadcast, phone: Phone) -> None:
    broadcast.agree(SARA)
    soon = (clock.now() + timedelta(hours=1)).isoformat()
    campaign = broadcast.make(schedule_at=soon, audience={"phones": [SARA]})
    broadcast.step(campaign, "start")
    broadcast.sql("UPDATE campaign SET schedule_at = now() - interval '61 minutes'")
    broadcast.go_on()
    shown = broadcast.shown(campaign)
    assert (shown["status"], shown["reason"]) == ("paused", "overdue")
    assert {one["kind"] for one in broadcast.agent.gets("/notifications")["items"]} == {"campaign_paused"}
    broadcast.step(campaign, "resume")
    prepare_all(broadcast.workers)
    broadcast.go_on()
    assert set(texts(phone)) == {SARA}


AUDIENCES: list[tuple[dict[str, Any], set[str]]] = [
    ({}, {SARA, OMAR, HUDA, PAUSED}),
    ({"language": "en"}, {OMAR}),
    ({"due_over": {"minor": 21434, "currency": "SAR"}}, {SARA, OMAR}),
    ({"due_over": 21435}, {OMAR}),
    ({"overdue": True}, {SARA}),
    ({"overdue": True, "language": "en"}, set()),
    ({"subscription_status": "paused"}, {PAUSED}),
    ({"subscription_status": "cancelled"}, set()),
    ({"meter_kind": "postpaid"}, {SARA, OMAR}),
    ({"meter_network": "sts"}, set()),
    ({"phones": ["0500000001", STRANGER]}, {SARA, STRANGER}),
    ({"phones": ["0500000001", STRANGER], "overdue": False}, set()),
    ({"phones": []}, set()),
    ({"exclude": {"phones": [SARA, HUDA]}}, {OMAR, PAUSED}),
    ({"tags": ["vip"]}, {HUDA}),
    ({"exclude": {"tags": ["vip"]}}, {SARA, OMAR, PAUSED}),
    ({"heard_since": "2020-01-01T00:00:00Z"}, {SARA}),
    ({"silent_since": "2020-01-01T00:00:00Z"}, {OMAR, HUDA, PAUSED}),
    ({"channel": "sms"}, {SARA, OMAR, HUDA, PAUSED}),
]


def test_all_conditions_hold_together(broadcast: Broadcast, phone: Phone) -> None:
    broadcast.sql("UPDATE customer SET tags = '{vip}' WHERE phone = :huda", huda=HUDA)
    phone.writes("hi", SARA)
    for audience, expected in AUDIENCES:
        campaign = broadcast.started(audience=audience)
        assert set(broadcast.reasons(campaign)) == expected, audience
        preview = broadcast.agent.gets(f"/campaigns/{campaign}/preview")
        assert preview["audience"] == len(expected), audience


def test_a_number_that_changed_hands_is_told_of_no_account(broadcast: Broadcast, phone: Phone) -> None:
    broadcast.agree(SARA, OMAR)
    campaign = broadcast.started(audience={"language": "en"})
    broadcast.sql("UPDATE contact SET changed_hands_at = now() WHERE address = :omar", omar=OMAR)
    broadcast.go_on()
    assert broadcast.reasons(campaign) == {OMAR: "changed_hands"}
    assert phone.received() == []


def test_a_preview_and_a_test(broadcast: Broadcast, phone: Phone) -> None:
    broadcast.agree(SARA, OMAR)
    broadcast.opt_out(OMAR, "whatsapp")
    campaign = broadcast.make()
    preview = broadcast.agent.gets(f"/campaigns/{campaign}/preview")
    assert (preview["audience"], preview["sendable"]) == (4, 1)
    assert preview["skipped"] == {"no_consent": 2, "opted_out": 1}
    assert preview["segments"] == {"least": 1, "most": 1, "estimated": 1}
    assert [one["text"] for one in preview["samples"]["ar"]] == ["مرحباً سارة الغامدي، خصم ٢٠٪."]
    for _ in range(5):
        test = broadcast.agent.asks("POST", f"/campaigns/{campaign}/test", {"to": HUDA, "language": "en"})
        assert (test.status_code, test.json["status"]) == (202, "queued")
    assert (
        broadcast.agent.asks("POST", f"/campaigns/{campaign}/test", {"to": HUDA, "language": "en"}).status_code == 429
    )
    broadcast.send()
    assert texts(phone) == {HUDA: "Hello The agent, 20 % off."}
    assert broadcast.counts(campaign) == {}


def test_a_preview_shows_nobody_twice(broadcast: Broadcast) -> None:
    broadcast.agree(OMAR)  # who has two accounts on one phone
    preview = broadcast.agent.gets(f"/campaigns/{broadcast.make()}/preview")
    assert [(one["address"], one["text"]) for one in preview["samples"]["en"]] == [
        (OMAR, "Hello Omar Hassan, 20 % off.")
    ]


BAD: list[tuple[dict[str, Any], str]] = [
    ({"texts": {"en": "Dear {nme}"}}, ""),
    ({"texts": {}}, "texts"),
    ({"template": "none"}, ""),
    ({"texts": None, "template": "none"}, "template"),
    ({"audience": {"phones": ["0500000001", "nonsense"]}}, "audience.phones.1"),
    ({"audience": {"due_over": {"minor": 1, "currency": "USD"}}}, "audience.due_over"),
    ({"audience": {"postcode": "1"}}, "audience.postcode"),
    ({"send_between": {"from": "19:00", "until": "09:00"}}, "send_between"),
    ({"send_between": {"from": "9", "until": "19:00"}}, "send_between.from"),
    ({"schedule_at": "2020-01-01T09:00:00"}, "schedule_at"),
    ({"messages_per_second": 0}, "messages_per_second"),
    ({"media_url": "file:///etc/passwd"}, "media_url"),
]


@pytest.mark.parametrize(("body", "field"), BAD)
def test_what_is_wrong_is_said(broadcast: Broadcast, body: dict[str, Any], field: str) -> None:
    given = {"name": "Offer", "texts": {"en": "Hello"}, **body}
    response = broadcast.agent.asks("POST", "/campaigns", given)
    assert response.status_code == 422, response.text
    assert field in {error["field"] for error in response.json["errors"]}


def test_a_draft_can_be_changed_and_nothing_else(broadcast: Broadcast) -> None:
    campaign = broadcast.make()
    local = (clock.now() + RIYADH + timedelta(days=2)).replace(microsecond=0, tzinfo=None)
    change = {"name": "Better", "schedule_at": local.isoformat(), "audience": {"tags": ["vip"]}}
    changed = broadcast.agent.asks("PATCH", f"/campaigns/{campaign}", change)
    assert changed.status_code == 200, changed.text
    assert (changed.json["name"], changed.json["audience"]) == ("Better", {"tags": ["vip"]})
    assert changed.json["schedule_at"] == (local - RIYADH).isoformat() + "Z"
    more = broadcast.agent.asks("POST", f"/campaigns/{campaign}/phones", {"csv": f"phone,name\n{SARA},Sara\n{OMAR}\n"})
    assert more.json == {"phones": 2, "excluded": 0}
    for step in ("pause", "resume"):
        assert broadcast.agent.asks("POST", f"/campaigns/{campaign}/{step}").status_code == 409
    broadcast.step(campaign, "cancel")
    assert broadcast.agent.asks("PATCH", f"/campaigns/{campaign}", {"name": "x"}).status_code == 409
    assert broadcast.agent.asks("POST", f"/campaigns/{campaign}/start").status_code == 409


FILES = (
    f"phone,name\n{SARA},Sara\n{OMAR}\n",
    f'\ufeff"{SARA}";"سارة"\r\n\r\n"{OMAR}";"عمر, حسن"\r\n',
    f"الجوال\n{SARA}\n٠٥٠٠٠٠٠٠٠٢\n",
)


@pytest.mark.parametrize("csv", FILES)
def test_files_as_spreadsheets_write_them(broadcast: Broadcast, csv: str) -> None:
    campaign = broadcast.make()
    more = broadcast.agent.asks("POST", f"/campaigns/{campaign}/phones", {"csv": csv})
    assert more.json == {"phones": 2, "excluded": 0}
    assert broadcast.shown(campaign)["audience"] == {"phones": [SARA, OMAR]}


def test_a_line_of_a_file_that_is_no_phone_is_named(broadcast: Broadcast) -> None:
    campaign = broadcast.make()
    more = broadcast.agent.asks("POST", f"/campaigns/{campaign}/phones", {"csv": f"phone\n{SARA}\nSara\n"})
    assert (more.status_code, more.json["errors"][0]["field"]) == (422, "phones.1")
    assert broadcast.shown(campaign)["audience"] == {}


def test_what_is_no_file_at_all(broadcast: Broadcast) -> None:
    campaign = broadcast.make()
    more = broadcast.agent.asks("POST", f"/campaigns/{campaign}/phones", {"csv": '"' + "1" * 140_000})
    assert (more.status_code, more.json["errors"][0]["field"]) == (422, "csv")


def test_what_fails_after_much_went_well_is_seen(broadcast: Broadcast, phone: Phone) -> None:
    broadcast.crowd(1500)
    campaign = broadcast.started(audience={"tags": ["crowd"]})
    broadcast.feed()
    broadcast.sql("UPDATE message SET status = 'delivered', created_at = created_at - interval '2 hours'")
    broadcast.sql("UPDATE campaign SET going_since = going_since - interval '3 hours'")
    phone.fault("create", "error_code", params={"code": 30450})
    broadcast.sql("UPDATE sender SET messages_per_second = 30")
    broadcast.go_on(5)
    counts = broadcast.counts(campaign)
    assert (counts["delivered"], broadcast.shown(campaign)["reason"]) == (1000, "route_blocked")


def test_what_was_started_twice_by_one_key_is_started_once(broadcast: Broadcast) -> None:
    body = {"name": "Offer", "texts": {"en": "Hello"}}
    one, two = (broadcast.agent.asks("POST", "/campaigns", body, Idempotency_Key="once") for _ in range(2))
    assert one.json == two.json
    assert len(broadcast.agent.gets("/campaigns")["items"]) == 1
    assert SMS


@pytest.mark.parametrize(
    ("told", "limit"), [("10K Customers/24hr", 10_000), ("250", 250), ("Unlimited", None), ("", None)]
)
def test_the_limit_is_what_twilio_says(
    broadcast: Broadcast, phone: Phone, says: Says, told: str, limit: int | None
) -> None:
    broadcast.sql("UPDATE sender SET messaging_limit = 7")
    phone.set(messaging_limit=told)
    watch_numbers(broadcast.workers, clock.now())
    assert says.sender("whatsapp").messaging_limit == limit
    assert says.sender("sms").messaging_limit == 7
