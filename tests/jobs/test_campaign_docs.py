"""What the page about the API says of campaigns is true: from creating to finishing, in both languages."""

import json
import re

from flask import Flask

from bot.jobs.campaigns import prepare_all
from bot.jobs.worker_services import WorkerServices
from tests.api.people import API
from tests.api.test_docs import BLOCK, CAMPAIGN, PAGE, agrees, curl
from tests.jobs.broadcast import Broadcast
from tests.jobs.conftest import Phone
from tests.noor import HUDA, OMAR, SARA, Noor


def test_the_walk_of_a_campaign_is_true(served: Flask, workers: WorkerServices, noor: Noor, phone: Phone) -> None:
    broadcast = Broadcast(served, workers, noor)
    broadcast.agree(SARA, OMAR, HUDA)
    section = CAMPAIGN.search(PAGE)
    assert section
    known, answer, asked = {"API": API, "TOKEN": broadcast.agent.bearer or ""}, None, 0
    for kind, body in BLOCK.findall(section[0]):
        if kind == "json":
            agrees(json.loads(body), answer)
            continue
        for line in body.splitlines():
            response = curl(served, re.sub(r"\$([A-Z_]+)", lambda name: known[name[1]], line))
            assert response.status_code < 300, (line, response.text)
            answer, asked = response.json, asked + 1
            known.setdefault("CAMPAIGN", str((answer or {}).get("id")))
            if "/start" in line:
                prepare_all(workers)
            if "/resume" in line:
                broadcast.go_on()
    assert asked == 10
    said = {one["to"]: one["body"] for one in phone.received()}
    assert said.pop("+966500000009").startswith("مرحباً The agent")
    assert set(said) == {SARA, OMAR, HUDA}
    assert said[OMAR] == "Hello Omar Hassan, 20 % off until Friday."
    assert said[SARA] == "مرحباً سارة الغامدي، خصم ٢٠٪ حتى الجمعة."
