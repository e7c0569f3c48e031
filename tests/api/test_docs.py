"""The page about the API is true: its examples are asked, in order, and answered as it says."""

import json
import re
import shlex
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import update
from werkzeug.test import TestResponse

from domain.health import SenderHealth
from tests.api.people import API
from tests.api.things import everything
from tests.catalogues import ROOT
from tests.cli.test_commands import raseed
from tests.noor import Noor

PAGE = (ROOT / "docs" / "staff-api.md").read_text(encoding="utf-8")
# Which takes workers too: tests/jobs/test_campaign_docs.py.
CAMPAIGN = re.compile(r"^## A campaign$.*?(?=^## )", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```(sh|json)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def curl(app: Flask, command: str) -> TestResponse:
    """Ask what a curl command asks."""
    words = shlex.split(command)[1:]
    path, method, headers, data, query = "", "", {}, None, "-G" in words
    pairs = []
    while words:
        word = words.pop(0)
        if word == "-X":
            method = words.pop(0)
        elif word == "-H":
            name, _, value = words.pop(0).partition(": ")
            headers[name] = value
        elif word in {"-d", "--data-urlencode"}:
            data = words.pop(0)
            pairs.append(tuple(data.split("=", 1)))
        elif word != "-G":
            path = word
    method = method or ("GET" if query or data is None else "POST")
    asked: dict[str, Any] = {"query_string": dict(pairs)} if query else {"data": data}
    return app.test_client().open(path, method=method, headers=headers, **asked)


def agrees(told: Any, answer: Any) -> None:
    """Assert that `answer` has all that the page tells of it; what it leaves open is …, and lists may be longer."""
    if isinstance(told, dict):
        for name, value in told.items():
            assert name in answer, name
            agrees(value, answer[name])
    elif isinstance(told, list):
        assert len(answer) >= len(told)
        for one, other in zip(told, answer, strict=False):
            agrees(one, other)
    elif isinstance(told, str) and told.endswith("…"):
        assert answer.startswith(told[:-1])
    else:
        assert told == answer


def do_well(app: Flask, business_id: UUID) -> None:
    """Let every sender do well."""
    well = {"state": "healthy", "tried": 200, "failed": 1, "provider_status": "ONLINE", "quality": "HIGH"}
    with app.extensions["raseed"].door.for_business(business_id) as session:
        session.execute(update(SenderHealth).values(well))


def test_the_page_is_true(app: Flask, noor: Noor, environment: dict[str, str]) -> None:
    ids = everything(app, noor.business_id)
    do_well(app, noor.business_id)
    command = re.search(r"^raseed (staff add .*)$", PAGE, re.MULTILINE)
    assert command
    invitation = raseed(*shlex.split(command[1]), environment=environment).stdout.decode().splitlines()[2]
    known = {"API": API, "INVITATION": invitation}
    known |= {"CUSTOMER": str(ids["customer_id"]), "TICKET": str(ids["ticket_id"]), "SENDER": str(ids["sender_id"])}
    known |= {"CONVERSATION": str(ids["reply_in_conversation.conversation_id"])}
    known |= {"SUBSCRIPTION": str(ids["subscription_id"]), "INVOICE": str(ids["invoice_id"])}
    known |= {"READING": str(ids["confirm_reading.reading_id"]), "RUN": str(ids["run_id"])}
    known |= {"BILL": str(ids["rebill_invoice.invoice_id"])}
    known |= {"PAYMENT": str(ids["payment_id"]), "CASH": str(ids["confirm_payment.payment_id"])}
    known |= {"PURCHASE": str(ids["purchase_id"]), "METER": str(ids["meter_id"]), "METER_NO": str(ids["meter_no"])}
    known |= {"DISPUTED": str(ids["dispute_invoice.invoice_id"])}
    known |= {"NETWORK_METER_NO": str(ids["show_meter_state.meter_no"])}
    answer: Any = None
    asked = 0
    for kind, body in BLOCK.findall(CAMPAIGN.sub("", PAGE).partition("## When something is wrong")[0]):
        if kind == "json":
            agrees(json.loads(body), answer)
            continue
        for line in body.splitlines():
            command_line = re.sub(r"\$([A-Z_]+)", lambda name: known[name[1]], line)
            response = curl(app, command_line)
            assert response.status_code < 300, (line, response.text)
            asked += 1
            answer = response.json if response.data else None
            if "access_token" in (answer or {}):
                known["TOKEN"] = answer["access_token"]
                known["OTHER_TOKEN"] = curl(app, command_line).json["access_token"]
    assert asked == 54


def test_what_the_page_says_of_errors_and_of_the_log_is_true(app: Flask, noor: Noor) -> None:
    from tests.api.people import signed_in

    ids, admin = everything(app, noor.business_id), signed_in(app, noor.business_id, "admin")
    problem, log = (json.loads(body) for kind, body in BLOCK.findall(PAGE)[-3:] if kind == "json")
    agrees(problem, admin.asks("POST", "/staff", {"email": "huda", "name": "x", "role": "agent"}).json)
    admin.asks("PATCH", f"/tickets/{ids['ticket_id']}", {"status": "in_progress"})
    agrees(log, admin.gets("/audit", action="ticket.moved"))
