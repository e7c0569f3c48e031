"""The operator's command: what it says, and that it never shows a traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from domain.door import psycopg_url
from tests.noor import Noor

RASEED = str(Path(sys.executable).parent / "raseed")
BARE = {"PATH": os.environ["PATH"]}
NEWER = [["staff"], ["staff", "add"], ["audit"], ["audit", "verify"]]
DEMO = Path(__file__).parents[2] / "sandbox" / "data" / "noor"


def raseed(
    *arguments: str, given: bytes = b"", environment: dict[str, str] | None = None
) -> "subprocess.CompletedProcess[bytes]":
    """Run the command as a shell would."""
    done = subprocess.run(
        [RASEED, *arguments],
        input=given,
        env={**BARE, **(environment or {})},
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert b"Traceback" not in done.stderr + done.stdout
    return done


@pytest.mark.parametrize(
    "command",
    [
        [],
        ["db"],
        ["db", "upgrade"],
        ["ledger"],
        ["ledger", "verify"],
        ["db", "restored"],
        ["doctor"],
        ["import"],
        ["sms"],
        ["sms", "count"],
        ["jobs"],
        ["jobs", "again"],
        ["send"],
        *NEWER,
    ],
)
def test_help_needs_nothing_and_every_command_has_an_example(command: list[str]) -> None:
    done = raseed(*command, "--help")
    assert done.returncode == 0
    assert b"Example" in done.stdout or command in (["db"], ["sms"], ["staff"], ["audit"])


@pytest.mark.parametrize(
    ("given", "counted"),
    [
        (b"hello\n", {"encoding": "GSM-7", "segments": 1, "units": 6}),
        ("رصيدكم 50".encode(), {"encoding": "UCS-2", "segments": 1, "units": 9}),
        (b"a\r\n\r\n", {"encoding": "GSM-7", "segments": 1, "units": 5}),
        ("\ufeffa".encode(), {"encoding": "UCS-2", "segments": 1, "units": 2}),
    ],
)
def test_sms_count_counts_exactly_what_it_is_given(given: bytes, counted: dict[str, Any]) -> None:
    assert json.loads(raseed("sms", "count", given=given).stdout) == counted


def test_sms_count_of_what_is_no_text() -> None:
    done = raseed("sms", "count", given=b"a\xff")
    assert done.returncode != 0
    assert done.stderr.decode().strip() == "raseed: standard input is not UTF-8: invalid start byte at byte 1"


@pytest.mark.parametrize("command", [["doctor"], ["db", "upgrade"], ["import", "."], ["ledger", "verify"]])
def test_without_an_environment_one_line_names_what_is_missing(command: list[str]) -> None:
    done = raseed(*command)
    assert done.returncode == 1
    lines = done.stderr.decode().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("raseed: DATABASE_URL is missing")


@pytest.mark.parametrize("command", [["nonsense"], ["import"], ["import", "x", "--wet-run"]])
def test_a_wrong_call_is_one_line(command: list[str], environment: dict[str, str]) -> None:
    done = raseed(*command, environment=environment)
    assert done.returncode == 2
    assert len(done.stderr.decode().splitlines()) == 1


def test_a_database_that_is_away_is_one_line(environment: dict[str, str]) -> None:
    away = {**environment, "DATABASE_URL": "postgresql://me:secret@127.0.0.1:9/raseed"}
    away["MIGRATIONS_DATABASE_URL"] = away["DATABASE_URL"]
    for command in (["db", "upgrade"], ["import", str(DEMO)], ["ledger", "verify"]):
        done = raseed(*command, environment=away)
        assert done.returncode == 1
        assert len(done.stderr.decode().splitlines()) == 1
        assert "secret" not in done.stderr.decode()


def test_from_an_empty_database_to_an_imported_company(postgres: Any, environment: dict[str, str]) -> None:
    urls = postgres.create_database("from_empty", owner="raseed_owner", service_role="raseed")
    given = {**environment, "DATABASE_URL": urls.service_url, "MIGRATIONS_DATABASE_URL": urls.owner_url}
    assert b"migrations: the database is at nothing" in raseed("doctor", environment=given).stdout
    for _ in range(2):
        assert raseed("db", "upgrade", environment=given).returncode == 0
    done = raseed("import", str(DEMO), environment=given)
    assert done.returncode == 0, done.stderr
    assert "customers.csv             21 new" in done.stdout.decode()
    assert "NOOR: imported." in done.stdout.decode()
    assert raseed("ledger", "verify", environment=given).stdout == b"The ledger is whole: 24 entries.\n"
    refused = raseed("import", "/nowhere", environment=given)
    assert refused.returncode == 1
    assert refused.stderr.decode().startswith("/nowhere: there is no such folder")


def test_a_book_that_is_not_whole_is_named_in_one_line(environment: dict[str, str], noor: Noor) -> None:
    done = raseed("ledger", "verify", environment=environment)
    assert done.returncode == 1
    assert done.stderr.decode() == "raseed: customer 1001 owes 21435 SAR by the invoices, 0 by the ledger\n"


def test_db_upgrade_works_when_owner_and_service_are_one(postgres: Any, environment: dict[str, str]) -> None:
    urls = postgres.create_database("one_role", owner="raseed_owner", service_role="raseed")
    given = {**environment, "DATABASE_URL": urls.owner_url.replace("postgresql://", "postgres://")}
    del given["MIGRATIONS_DATABASE_URL"]
    assert raseed("db", "upgrade", environment=given).returncode == 0
    engine = create_engine(psycopg_url(urls.owner_url), poolclass=NullPool)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM message")) == 0


def test_the_doctor_names_what_is_ill(environment: dict[str, str], noor: Noor) -> None:
    done = raseed("doctor", environment={**environment, "REDIS_URL": "redis://127.0.0.1:9"})
    lines = {line.split(":")[0].split()[-1]: line.split()[0] for line in done.stdout.decode().splitlines()}
    assert done.returncode == 1
    assert (lines["database"], lines["migrations"], lines["Redis"], lines["Twilio"]) == ("ok", "ok", "FAIL", "FAIL")


def test_the_doctor_asks_the_gateway_or_says_that_it_is_off(environment: dict[str, str], noor: Noor) -> None:
    assert "off   gateways: MOYASAR_SECRET_KEY is not set" in raseed("doctor", environment=environment).stdout.decode()
    given = {**environment, "MOYASAR_API_BASE_URL": "http://127.0.0.1:9/v1", "MOYASAR_SECRET_KEY": "sk_test_x"}
    lines = raseed("doctor", environment=given).stdout.decode().splitlines()
    assert next(line for line in lines if "gateways" in line).startswith("FAIL")
