"""The REST interface, by Twilio's own client."""

import datetime as dt
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.sandbox.conftest import ACCOUNT, NAME, SARA, SECRET, SMS, WHATSAPP, RoutedClient, Sandbox, wait_for

WA_SARA = f"whatsapp:{SARA}"


def test_a_created_message_has_twilios_shape(sandbox: Sandbox) -> None:
    answer = requests.post(
        f"{sandbox.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json",
        data={"To": SARA, "From": SMS, "Body": "مرحبا"},
        auth=(ACCOUNT, SECRET),
        timeout=5,
    )
    body = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Twilio-Concurrent-Requests"]
    assert len(body) == 20
    assert body["sid"].startswith("SM")
    assert len(body["sid"]) == 34
    assert body["num_segments"] == "1"
    assert body["num_media"] == "0"
    assert body["error_code"] is None
    assert body["date_sent"] is None
    assert body["date_created"].endswith("+0000")
    assert body["uri"] == f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{body['sid']}.json"
    assert (body["status"], body["direction"]) == ("queued", "outbound-api")


def test_fetching_reads_the_dates_and_the_final_status(client: Client, sandbox: Sandbox) -> None:
    sid = client.messages.create(to=SARA, from_=NAME, body="hello").sid or ""
    wait_for(lambda: sandbox.status(sid) == "delivered")
    message = client.messages(sid).fetch()
    assert isinstance(message.date_sent, dt.datetime)
    assert message.status == "delivered"
    assert message.price == "-0.00790"


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        (21604, {"To": ""}),
        (21603, {"From": ""}),
        (21602, {"Body": ""}),
        (21617, {"Body": "ا" * 1601}),
        (21211, {"To": "12"}),
        (21211, {"To": "whatsapp:nobody", "From": WHATSAPP}),
        (21614, {"To": "+966112345678"}),
        (21910, {"To": WA_SARA}),
        (21606, {"From": "+15005550199"}),
        (21212, {"From": "?!"}),
        (63007, {"To": WA_SARA, "From": "whatsapp:+966119999999"}),
        (21609, {"StatusCallback": "nowhere"}),
        (21620, {"MediaUrl": "ftp://x/y"}),
        (21654, {"ContentVariables": "{}"}),
        (21655, {"Body": "", "ContentSid": "HX" + "1" * 32}),
        (21701, {"From": "", "MessagingServiceSid": "MG" + "9" * 32}),
        (35118, {"ScheduleType": "fixed", "SendAt": "2030-01-01T00:00:00Z"}),
        (21624, {"ValidityPeriod": "0"}),
        (21211, {"To": "+15005550001"}),
        (21612, {"To": "+15005550002"}),
        (21408, {"To": "+15005550003"}),
        (21610, {"To": "+15005550004"}),
        (21614, {"To": "+15005550009"}),
        (21212, {"From": "+15005550001"}),
        (21606, {"From": "+15005550007"}),
        (21611, {"From": "+15005550008"}),
    ],
)
def test_what_twilio_refuses_is_refused(sandbox: Sandbox, code: int, fields: dict[str, str]) -> None:
    form = {"To": SARA, "From": SMS, "Body": "x"} | fields
    url = f"{sandbox.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    answer = requests.post(url, data=form, auth=(ACCOUNT, SECRET), timeout=5)
    body = answer.json()
    assert (body["code"], body["status"]) == (code, answer.status_code)
    assert body["more_info"].endswith(f"/{code}")
    assert sandbox.get("stats")["rejected_by_code"] == {str(code): 1}


@pytest.mark.parametrize("auth", [None, (ACCOUNT, "wrong"), ("AC" + "9" * 32, SECRET)])
def test_wrong_credentials_are_401(sandbox: Sandbox, auth: Any) -> None:
    answer = requests.get(f"{sandbox.url}/2010-04-01/Accounts/{ACCOUNT}.json", auth=auth, timeout=5)
    assert (answer.status_code, answer.json()["code"]) == (401, 20003)


def test_the_account_itself_can_be_fetched_but_not_another(client: Client) -> None:
    assert client.api.accounts(ACCOUNT).fetch().status == "active"
    with pytest.raises(TwilioRestException) as caught:
        client.api.accounts("AC" + "2" * 32).messages.create(to=SARA, from_=SMS, body="x")
    assert caught.value.code == 20404


def test_one_account_does_not_send_from_anothers_number(sandbox: Sandbox) -> None:
    http_client = RoutedClient(sandbox.url)
    other = Client("AC" + "2" * 32, "other", http_client=http_client)
    with pytest.raises(TwilioRestException) as caught:
        other.messages.create(to=SARA, from_=SMS, body="x")
    http_client.close()
    assert caught.value.code == 21606


def test_listing_pages_filters_and_stays_put_when_more_arrive(client: Client) -> None:
    bodies = [f"message {n}" for n in range(7)]
    for body in bodies:
        client.messages.create(to=SARA, from_=SMS, body=body)
    client.messages.create(to="+966500000001", from_=NAME, body="other")
    stream = client.messages.stream(to=SARA, page_size=3)
    listed = [next(stream).body]
    client.messages.create(to=SARA, from_=SMS, body="late")
    listed += [message.body for message in stream]
    assert listed == bodies[::-1]
    assert [m.body for m in client.messages.list(from_=NAME)] == ["other"]
    hour = dt.timedelta(hours=1)
    now = dt.datetime.now(dt.UTC)
    assert len(client.messages.list(date_sent_after=now - hour)) == 9
    assert client.messages.list(date_sent_after=now + hour) == []
    assert client.messages.list(date_sent_before=now - hour) == []


def test_a_bare_date_means_its_whole_day(client: Client) -> None:
    client.messages.create(to=SARA, from_=SMS, body="today")
    today = dt.datetime.now(dt.UTC).date()
    assert len(client.messages.list(date_sent=today)) == 1  # type: ignore[arg-type]
    assert client.messages.list(date_sent=today - dt.timedelta(days=2)) == []  # type: ignore[arg-type]


def test_redacting_empties_the_record_and_not_the_phone(client: Client, sandbox: Sandbox) -> None:
    sid = client.messages.create(to=SARA, from_=SMS, body="code 1234").sid or ""
    assert client.messages(sid).update(body="").body == ""
    assert sandbox.message(sid)["shown"] == "code 1234"


def test_deleting_waits_until_the_message_is_done(client: Client, sandbox: Sandbox) -> None:
    sid = client.messages.create(to=SARA, from_=SMS, body="x").sid or ""
    with pytest.raises(TwilioRestException) as caught:
        client.messages(sid).delete()
    assert caught.value.code == 20009
    wait_for(lambda: sandbox.status(sid) == "delivered")
    assert client.messages(sid).delete()
    with pytest.raises(TwilioRestException) as caught:
        client.messages(sid).fetch()
    assert (caught.value.status, caught.value.code) == (404, 20404)


def test_a_scheduled_message_can_be_canceled_and_a_sent_one_not(client: Client) -> None:
    at = dt.datetime.now(dt.UTC) + dt.timedelta(hours=2)
    service = "MG" + "1" * 32
    made = client.messages.create(to=SARA, messaging_service_sid=service, body="x", schedule_type="fixed", send_at=at)
    assert made.status == "scheduled"
    assert client.messages(made.sid or "").update(status="canceled").status == "canceled"
    with pytest.raises(TwilioRestException) as caught:
        client.messages(made.sid or "").update(status="canceled")
    assert caught.value.code == 30409


def test_a_messaging_service_chooses_the_sender_later(client: Client, sandbox: Sandbox) -> None:
    made = client.messages.create(to=SARA, messaging_service_sid="MG" + "1" * 32, body="x")
    assert (made.status, made.from_, made.num_segments) == ("accepted", None, "0")
    wait_for(lambda: sandbox.status(made.sid or "") == "delivered")
    assert client.messages(made.sid or "").fetch().from_ == SMS


@pytest.mark.parametrize(
    ("body", "segments"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("م" * 70, 1),
        ("م" * 71, 2),
        ("😀" * 36, 2),
        ("ا" * 1600, 24),
        ("a" * 1600, 11),
    ],
)
def test_segments_are_counted_as_carriers_do(client: Client, body: str, segments: int) -> None:
    assert client.messages.create(to=SARA, from_=SMS, body=body).num_segments == str(segments)


def test_an_unknown_path_is_twilios_404(sandbox: Sandbox) -> None:
    answer = requests.get(f"{sandbox.url}/2010-04-01/Nowhere.json", timeout=5)
    assert (answer.status_code, answer.json()["code"]) == (404, 20404)
