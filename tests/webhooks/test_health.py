"""What the platform is told."""

import io
import json
from typing import Any

import pytest
import structlog
from flask import Flask
from sqlalchemy import text

from bot import arrivals
from bot.app import create_app
from bot.logs import configure_logs
from bot.settings import read_settings
from bot.webhooks import messages
from tests.chat import Chat
from tests.noor import SARA, Noor
from tests.twilio import deliver, inbound


def test_alive_and_ready(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/healthz").json == {"status": "ok"}
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok", "database": "ok", "redis": "ok"})


def test_redis_away_fails_nothing_and_people_are_answered(environment: dict[str, str], noor: Noor) -> None:
    app = create_app(read_settings({**environment, "REDIS_URL": "redis://127.0.0.1:9"}))
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json["redis"]) == (200, "away")  # type: ignore[index]
    chat = Chat(app, SARA)
    chat.says("hi")
    chat.hears("Welcome to Noor Electricity")
    app.extensions["raseed"].close()


def test_with_the_database_away_we_say_so_at_once(environment: dict[str, str]) -> None:
    app = create_app(read_settings({**environment, "DATABASE_URL": "postgresql://me@127.0.0.1:9/raseed"}))
    client = app.test_client()
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
    assert b"raseed_database_up 0.0" in client.get("/metrics").data
    assert deliver(app, inbound("whatsapp", SARA, "+966112000001", "hi")).status_code == 503
    app.extensions["raseed"].close()


def test_a_connection_that_died_in_the_pool_costs_nobody_an_answer(app: Flask, noor: Noor, superuser: Any) -> None:
    chat = Chat(app, SARA)
    chat.says("hi")
    # Whoever restarts PostgreSQL, or a firewall that forgets: the connections of the pool are all dead now.
    superuser.execute(text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'raseed'"))
    chat.says("english")
    chat.hears("Hello Sara Al-Ghamdi")


def test_metrics_are_counted(app: Flask, noor: Noor) -> None:
    form = inbound("whatsapp", SARA, "+966112000001", "hi")
    deliver(app, form)
    deliver(app, form)
    page = app.test_client().get("/metrics").data.decode()
    assert 'raseed_turns_total{channel="whatsapp"}' in page
    assert 'raseed_outbox_messages{queue="replies",status="queued"} 1.0' in page
    assert "raseed_inbound_repeats_total" in page
    assert SARA[1:] not in page


def test_an_unknown_path_is_a_problem_document(app: Flask) -> None:
    answer = app.test_client().get("/nowhere")
    assert answer.content_type == "application/problem+json"
    assert answer.get_json(force=True)["status"] == 404


def test_logs_carry_ids_and_never_what_was_said_nor_a_whole_number(
    app: Flask, noor: Noor, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = io.StringIO()
    monkeypatch.setattr("sys.stderr", out)
    configure_logs("INFO", "json")
    for module in (arrivals, messages):
        monkeypatch.setattr(module, "log", structlog.get_logger())
    chat = Chat(app, SARA)
    chat.says("a very private sentence")
    chat.says("balance")
    deliver(app, inbound("whatsapp", SARA, "+10000000000", "hi"))
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert any(line.get("message_id") and line.get("conversation_id") for line in lines)
    assert "private" not in out.getvalue()
    assert SARA[1:] not in out.getvalue()
    configure_logs("WARNING", "json")
