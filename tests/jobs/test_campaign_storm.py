"""A campaign whose workers are killed while it is paused and resumed: everybody gets one message, or one reason."""

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import monotonic, sleep
from uuid import UUID

import pytest
import requests
from flask import Flask
from sqlalchemy import text

from bot.channels.twilio_client import IN_FLIGHT
from bot.jobs.worker_services import WorkerServices
from domain.campaign_counts import AUDIENCE, counts_of
from tests.jobs.broadcast import Broadcast, adds_up
from tests.jobs.conftest import Phone
from tests.jobs.test_worker import WORKER, _children
from tests.noor import Noor

# What one process has in flight, or ready to be: so many may go down with it.
_TAKEN_ALONG = IN_FLIGHT + 16
# So many of the crowd change their mind while it goes on: they opt out, or withdraw their consent.
_OPT_OUT_LATE = """
INSERT INTO consent (id, created_at, business_id, contact_id, topic, granted, source)
SELECT gen_random_uuid(), now(), contact.business_id, contact.id, 'marketing', false, 'conversation'
FROM campaign_recipient AS one JOIN contact USING (business_id, address)
WHERE one.campaign_id = :id AND one.status = 'waiting' AND contact.channel = 'sms' AND one.seq % 10 = 0
RETURNING (SELECT address FROM contact WHERE contact.id = contact_id)
"""


@dataclass(frozen=True)
class Storm:
    people: int
    pauses: int
    kills: int
    seconds: float


SHORT = Storm(2_000, 3, 5, 60)
LONG = Storm(20_000, 10, 20, 600)
VERY_LONG = Storm(100_000, 10, 20, 2400)


class Watch:
    """Looks at the counts again and again: at no instant is anybody in none of them, or in two."""

    def __init__(self, broadcast: Broadcast, campaign: str) -> None:
        self.looks = 0
        self.wrong: list[dict[str, int]] = []
        self._stopped = threading.Event()
        self._broadcast, self._campaign = broadcast, UUID(campaign)
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def _look(self) -> None:
        while not self._stopped.wait(0.05):
            with self._broadcast.workers.door.for_every_business() as session:
                counts = counts_of(session, self._campaign)
            self.looks += 1
            try:
                adds_up(counts)
            except AssertionError:
                self.wrong.append(counts)

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()


class Workers:
    """`worker.py`, some of whose processes are killed with -9 now and then."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self._chance = Random(1)
        self._process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen([sys.executable, WORKER], env={**os.environ, **self._environment})

    def kill(self, number: int) -> None:
        """Kill a child; every third time all of them and their parent, and begin anew."""
        children = _children(self._process.pid)
        if number % 3 and children:
            os.kill(self._chance.choice(children), signal.SIGKILL)
            return
        self._process.kill()
        self._process.wait()
        for child in children:
            if Path(f"/proc/{child}").exists():
                os.kill(child, signal.SIGKILL)
        self._process = self._start()

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(60)


def stormy(broadcast: Broadcast, phone: Phone, environment: dict[str, str], storm: Storm) -> None:
    broadcast.crowd(storm.people)
    campaign = broadcast.make(audience={"tags": ["crowd"]})
    workers, watch = Workers(environment), Watch(broadcast, campaign)
    try:
        broadcast.step(campaign, "start")
        refusers = blow(broadcast, phone, campaign, workers, storm)
        until(lambda: ended(broadcast, campaign), storm.seconds)
    finally:
        workers.stop()
        watch.stop()
    assert watch.looks > 20
    assert not watch.wrong
    judged(broadcast, phone, campaign, storm, refusers)


def ended(broadcast: Broadcast, campaign: str) -> bool:
    """Tell whether it is over. What no request can be about any more is settled without the wait that it takes."""
    broadcast.sql(
        """
        UPDATE message SET claimed_at = claimed_at - interval '1 minute'
        WHERE status IN ('sending', 'in_doubt')
          AND claimed_at BETWEEN clock_timestamp() - interval '50 seconds' AND clock_timestamp() - interval '12 seconds'
        """
    )
    return bool(broadcast.shown(campaign)["status"] == "finished")


def blow(broadcast: Broadcast, phone: Phone, campaign: str, workers: Workers, storm: Storm) -> set[str]:
    """Pause, resume and kill at even parts of the way; return who withdrew their consent half-way, while paused."""
    blows = sorted([(n + 1, "pause") for n in range(storm.pauses)] + [(n + 0.5, "kill") for n in range(storm.kills)])
    refusers: set[str] = set()
    for number, (_, what) in enumerate(blows, start=1):
        reached = storm.people * number // (len(blows) + 1)
        until(lambda reached=reached: gone_through(broadcast, campaign) >= reached, storm.seconds)  # type: ignore[misc]
        if what == "kill":
            workers.kill(number)
            continue
        broadcast.step(campaign, "pause")
        sleep(1)
        before = sent(phone)
        sleep(0.5)
        assert sent(phone) == before, "it went on after a second"
        if not refusers:
            refusers = withdrawn(broadcast, campaign)
        broadcast.step(campaign, "resume")
    return refusers


def gone_through(broadcast: Broadcast, campaign: str) -> int:
    """Return how many had their turn: their message went out, or there is a reason why it did not."""
    with broadcast.workers.door.for_every_business() as session:
        counts = counts_of(session, UUID(campaign))
    return counts[AUDIENCE] - counts["waiting"] - counts["queued"]


def withdrawn(broadcast: Broadcast, campaign: str) -> set[str]:
    """Let a tenth of those who wait withdraw their consent."""
    with broadcast.workers.door.for_every_business() as session:
        return set(session.scalars(text(_OPT_OUT_LATE), {"id": campaign}))


def judged(broadcast: Broadcast, phone: Phone, campaign: str, storm: Storm, refusers: set[str]) -> None:
    """By the sandbox's books: one message, or one reason, and never both."""
    got = Counter(one["to"] for one in books(phone))
    with broadcast.workers.door.for_every_business() as session:
        counts = counts_of(session, UUID(campaign))
        rows = session.execute(
            text(
                """
                SELECT address, message.status, COALESCE(one.reason, message.reason) AS reason
                FROM campaign_recipient AS one LEFT JOIN message ON message.id = message_id WHERE one.campaign_id = :id
                """
            ),
            {"id": campaign},
        ).all()
    adds_up(counts)
    assert counts[AUDIENCE] == storm.people
    assert max(got.values()) == 1
    assert refusers
    assert not refusers & set(got)
    for address, status, reason in rows:
        if status in {"accepted", "sent", "delivered", "read"}:
            assert got[address] == 1, address
        elif reason != "unsettled":  # nobody knows, and sending it twice would be worse
            assert reason, address
            assert not got[address], (address, status, reason)
    reasons = Counter(reason for *_, reason in rows if reason)
    assert reasons["no_consent"] == len(refusers)
    assert set(reasons) <= {"no_consent", "unsettled"}, reasons
    assert reasons["unsettled"] <= storm.kills * _TAKEN_ALONG, reasons


def books(phone: Phone) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    since = 0
    while True:
        page = phone.http.get(
            f"{phone.url}/control/messages", params={"since": since, "limit": 5000}, timeout=60
        ).json()
        found += [one for one in page["items"] if one["direction"] != "inbound"]
        if len(page["items"]) < 5000:
            return found
        since = page["next_since"]


def sent(phone: Phone) -> int:
    return int(requests.get(f"{phone.url}/control/stats", timeout=60).json()["created"])


def until(condition: Callable[[], bool], seconds: float) -> None:
    end = monotonic() + seconds
    while not condition():
        assert monotonic() < end, "it did not happen in time"
        sleep(0.1)


@pytest.mark.parametrize(
    "storm",
    [
        pytest.param(SHORT, id="short"),
        pytest.param(LONG, id="long", marks=pytest.mark.long),
        pytest.param(VERY_LONG, id="very long", marks=pytest.mark.long),
    ],
)
def test_everybody_gets_one_message_or_one_reason(
    served: Flask, workers: WorkerServices, noor: Noor, phone: Phone, environment: dict[str, str], storm: Storm
) -> None:
    phone.set(keep_messages=storm.people * 2, keep_traffic=0)
    stormy(Broadcast(served, workers, noor), phone, environment, storm)
