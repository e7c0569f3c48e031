"""Faults of the REST interface, and the control interface itself."""

import time

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.sandbox.conftest import ACCOUNT, SARA, SECRET, SMS, RoutedClient, Sandbox, Service, wait_for


def create(client: Client, body: str = "x", to: str = SARA) -> str:
    return client.messages.create(to=to, from_=SMS, body=body).sid or ""


def outbound(sandbox: Sandbox) -> int:
    return int(sandbox.get("stats")["outbound"])


@pytest.mark.parametrize(
    ("kind", "params", "status", "kept"),
    [
        ("status_429", {}, 429, 0),
        ("status_500", {}, 500, 0),
        ("status_500", {"accept": True}, 500, 1),
        ("error_code", {"code": 21611}, 400, 0),
    ],
)
def test_bad_answers(
    client: Client, sandbox: Sandbox, kind: str, params: dict[str, int], status: int, kept: int
) -> None:
    sandbox.fault("create", kind, count=1, params=params)
    with pytest.raises(TwilioRestException) as caught:
        create(client)
    assert (caught.value.status, outbound(sandbox)) == (status, kept)
    assert create(client)


@pytest.mark.parametrize(
    ("kind", "params", "kept"),
    [
        ("accept_and_drop_response", {}, 1),
        ("drop", {}, 0),
        ("hang", {"seconds": 0.2}, 0),
        ("hang", {"seconds": 0.2, "accept": True}, 1),
    ],
)
def test_no_answer(client: Client, sandbox: Sandbox, kind: str, params: dict[str, float], kept: int) -> None:
    sandbox.fault("create", kind, count=1, params=params)
    with pytest.raises(requests.ConnectionError):
        create(client)
    assert outbound(sandbox) == kept


def test_what_was_taken_in_silence_is_told_by_the_list_alone(
    client: Client, sandbox: Sandbox, service: Service
) -> None:
    sandbox.fault("create", "accept_and_drop_response", count=1, params={"silent": True})
    with pytest.raises(requests.ConnectionError):
        client.messages.create(to=SARA, from_=SMS, body="x", status_callback=f"{service.url}/status")
    wait_for(lambda: sandbox.get("stats")["by_status"] == {"delivered": 1})
    wait_for(lambda: sandbox.get("stats")["waiting"] == 0)
    assert service.hits == []
    assert [message.body for message in client.messages.list()] == ["x"]


def test_a_client_with_a_time_limit_gets_away_from_a_hang(sandbox: Sandbox) -> None:
    sandbox.fault("create", "hang", params={"seconds": 1})
    http_client = RoutedClient(sandbox.url, timeout=0.2)
    with pytest.raises(requests.Timeout):
        create(Client(ACCOUNT, SECRET, http_client=http_client))
    http_client.close()


def test_a_delayed_answer_is_an_answer(client: Client, sandbox: Sandbox) -> None:
    sandbox.fault("create", "delay", count=1, params={"seconds": 0.2})
    started = time.monotonic()
    assert create(client)
    assert time.monotonic() - started >= 0.2


def test_fetch_and_list_have_their_own_faults(client: Client, sandbox: Sandbox) -> None:
    sid = create(client)
    sandbox.fault("fetch", "status_500", count=1)
    sandbox.fault("list", "status_429", count=1, params={"retry_after": 1})
    with pytest.raises(TwilioRestException):
        client.messages(sid).fetch()
    url = f"{sandbox.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    answer = requests.get(url, auth=(ACCOUNT, SECRET), timeout=5)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    assert client.messages(sid).fetch().sid == sid


def test_a_list_can_lag_behind(client: Client, sandbox: Sandbox) -> None:
    sandbox.post("settings", list_lag_ms=60_000)
    create(client)
    assert client.messages.list() == []
    sandbox.post("settings", list_lag_ms=0)
    assert len(client.messages.list()) == 1


def test_matching_and_chance(client: Client, sandbox: Sandbox) -> None:
    other = "+966500000002"
    sandbox.fault("create", "status_500", match={"to": other}, probability=0.5)
    assert all(create(client) for _ in range(20))

    def failures(seed: int) -> list[bool]:
        sandbox.post("settings", seed=seed)
        found = []
        for _ in range(20):
            try:
                create(client, to=other)
                found.append(False)
            except TwilioRestException:
                found.append(True)
        return found

    first = failures(3)
    assert 2 < sum(first) < 18
    assert failures(3) == first
    assert sandbox.get("faults")["items"][0]["fired"] == 2 * sum(first)


def test_faults_are_removed_one_by_one_or_all(client: Client, sandbox: Sandbox) -> None:
    first = sandbox.fault("create", "status_500")
    sandbox.fault("create", "status_429")
    assert sandbox.delete(f"faults/{first['id']}") == {"removed": 1}
    assert [item["kind"] for item in sandbox.get("faults")["items"]] == ["status_429"]
    assert sandbox.delete("faults") == {"removed": 1}
    assert create(client)


@pytest.mark.parametrize(
    "wrong",
    [
        {"scope": "nowhere", "kind": "drop"},
        {"scope": "webhook", "kind": "status_500"},
        {"scope": "create", "kind": "hang", "probability": 2},
        {"scope": "create", "kind": "hang", "count": 0},
        {"scope": "create", "kind": "error_code"},
        {"scope": "create", "kind": "hang", "match": {"body": "x"}},
    ],
)
def test_a_wrong_fault_is_a_clear_400(sandbox: Sandbox, wrong: dict[str, object]) -> None:
    answer = requests.post(f"{sandbox.url}/control/faults", json=wrong, timeout=5)
    assert answer.status_code == 400
    assert answer.json()["error"]


@pytest.mark.parametrize("wrong", [{"speed": 1}, {"auto_read": "yes"}, {"callback_delays_ms": {"soon": 1}}])
def test_a_wrong_setting_is_a_clear_400(sandbox: Sandbox, wrong: dict[str, object]) -> None:
    assert requests.post(f"{sandbox.url}/control/settings", json=wrong, timeout=5).status_code == 400


def test_the_books_count_doubles(client: Client, sandbox: Sandbox) -> None:
    for body in ("a", "a", "b"):
        create(client, body)
    stats = sandbox.get("stats")
    assert (stats["created"], stats["doubles"]) == (3, 1)


def test_the_books_can_be_read_on(client: Client, sandbox: Sandbox) -> None:
    create(client, "a")
    page = sandbox.get("messages", limit=1)
    create(client, "b")
    more = sandbox.get("messages", since=page["next_since"], to=SARA, direction="outbound")
    assert [item["body"] for item in more["items"]] == ["b"]
    assert more["items"][0]["history"][0]["status"] == "queued"


def test_reset_forgets_everything(client: Client, sandbox: Sandbox) -> None:
    create(client)
    sandbox.fault("create", "status_500")
    sandbox.post("reset")
    assert sandbox.get("messages")["items"] == []
    assert sandbox.get("stats")["created"] == 0
    assert create(client)


def test_old_messages_are_let_go(client: Client, sandbox: Sandbox) -> None:
    sandbox.post("settings", keep_messages=3)
    for n in range(6):
        create(client, str(n))
    assert [item["body"] for item in sandbox.get("messages")["items"]] == ["3", "4", "5"]


@pytest.mark.parametrize("headers", [{"Origin": "http://evil.example"}, {"Host": "evil.example"}])
def test_strangers_cannot_drive_it_through_a_browser(sandbox: Sandbox, headers: dict[str, str]) -> None:
    for path in ("/control/reset", "/phone/viewing"):
        assert requests.post(sandbox.url + path, json={}, headers=headers, timeout=5).status_code == 403
