"""The house stands as it is drawn."""

import re
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from flask import Flask
from rq.utils import import_attribute
from sqlalchemy import create_engine, insert, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

import migrations
from bot.jobs.queues import JOBS
from bot.settings import Settings
from domain.clock import now
from domain.door import Door, psycopg_url
from domain.ids import new_id
from domain.jobs import know
from domain.subscriptions import Plan
from domain.tables import APPEND_ONLY, OF_NO_BUSINESS, Base
from tests.catalogues import complaints
from tests.noor import found_noor

ROOT = Path(__file__).parents[2]
# Nobody signs in to these: the platform asks them, or customers, or Twilio, whose signature is checked.
PUBLIC = {"/healthz", "/readyz", "/metrics", "/legal/privacy", "/legal/terms", "/i/<signed>", "/f/<signed>"}
# A payment is named by an id that nobody can guess; coming back from it is a reason to ask, and no more.
PUBLIC |= {"/paid/<uuid:payment_id>", "/paid/<uuid:payment_id>/back"}
# The secret stands in the body: tests/payments/test_notices.py.
WITH_A_SECRET = {"/webhooks/moyasar"}
SIGNED = {"/webhooks/twilio/messages", "/webhooks/twilio/status", "/webhooks/acrel"}


def test_every_route_is_signed_or_on_the_short_list(app: Flask) -> None:
    rules = {rule.rule: app.view_functions[rule.endpoint] for rule in app.url_map.iter_rules()}
    # Walks of their own see to the rest: tests/api/test_walk.py, tests/console/test_walk.py.
    shared = {path for path in rules if not path.startswith(("/api/", "/console"))}
    assert shared == PUBLIC | SIGNED | WITH_A_SECRET
    client = app.test_client()
    for path in SIGNED:
        assert client.post(path).status_code == 403


def test_every_queue_has_its_job() -> None:
    for path in JOBS.values():
        assert callable(import_attribute(path))


def test_the_catalogues_are_whole() -> None:
    assert list(complaints()) == []


def test_every_variable_is_in_the_example() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    listed = set(re.findall(r"^#?([A-Z0-9_]+)=", example, re.MULTILINE))
    assert {name.upper() for name in Settings.model_fields} <= listed
    read_elsewhere = set(
        re.findall(r"environ(?:\.get)?[\[(][\"']([A-Z_]+)[\"']", (ROOT / "gunicorn.conf.py").read_text())
    )
    assert listed - {name.upper() for name in Settings.model_fields} == read_elsewhere


def test_there_is_one_newest_migration() -> None:
    assert len(ScriptDirectory.from_config(migrations.config("")).get_heads()) == 1


# What a generated column is made from can't be compared: the database writes it in its own way.
@pytest.mark.filterwarnings("ignore:Computed default on message.priority")
@pytest.mark.filterwarnings("ignore:Computed default on subscription")
def test_models_and_database_agree(database: Any) -> None:
    command.check(migrations.config(database.owner_url))


def test_down_and_up_again(postgres: Any) -> None:
    urls = postgres.create_database("down_and_up", owner="raseed_owner", service_role="raseed")
    for direction, where in ((command.upgrade, "head"), (command.downgrade, "base"), (command.upgrade, "head")):
        direction(migrations.config(urls.owner_url, "raseed" if direction is command.upgrade else None), where)


def test_the_service_owns_nothing_and_every_table_is_guarded(database: Any) -> None:
    engine = create_engine(psycopg_url(database.service_url), poolclass=NullPool)
    with engine.connect() as connection:
        assert not connection.scalar(text("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole"))
        guarded = set(connection.scalars(text("SELECT relname FROM pg_class WHERE relrowsecurity")))
        tables = set(inspect(connection).get_table_names()) - {"alembic_version"}
    assert guarded == tables == {table.name for table in Base.metadata.sorted_tables}
    for table in Base.metadata.sorted_tables:
        assert table.name in {"business", *OF_NO_BUSINESS} or "business_id" in table.c


def test_a_session_that_says_nothing_sees_nothing(door: Door, noor: Any) -> None:
    with door.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            assert connection.scalar(text(f"SELECT count(*) FROM {table.name}")) == 0


def test_a_business_sees_its_own_only(door: Door, noor: Any) -> None:
    other = found_noor(door, "OTHER", "+966112000091", "+966112000092")
    with door.for_every_business() as session:
        know(session, "trim", now())
    for business_id in (noor.business_id, other.business_id):
        with door.for_business(business_id) as session:
            for name in OF_NO_BUSINESS:
                assert session.scalar(text(f"SELECT count(*) FROM {name}")) == 0
            for table in Base.metadata.sorted_tables:
                if table.name in OF_NO_BUSINESS:
                    continue
                column = "id" if table.name == "business" else "business_id"
                seen = set(session.scalars(text(f"SELECT {column} FROM {table.name}")))
                assert seen <= {business_id}
    plan = {"id": new_id(), "created_at": now(), "business_id": other.business_id, "code": "X", "name_en": "x"}
    plan |= {"name_ar": "x", "days": 1, "price_minor": 1, "currency": "SAR"}
    with pytest.raises(DBAPIError, match="row-level security"), door.for_business(noor.business_id) as session:
        session.execute(insert(Plan).values(plan))


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("change", ["UPDATE {} SET created_at = now()", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_what_is_only_added_to_stays(database: Any, table: str, change: str) -> None:
    for url in (database.owner_url, database.service_url):
        engine = create_engine(psycopg_url(url), poolclass=NullPool)
        with engine.connect() as connection:
            connection.execute(text("SET raseed.business = '*'"))
            with pytest.raises(DBAPIError, match=r"only ever added to|permission denied|foreign key constraint"):
                connection.execute(text(change.format(table)))


def test_who_shows_data_asks_who_still_speaks_for_whom() -> None:
    """Links of a contact that has changed hands must not count: only who makes links names their table."""
    may = {"domain/customers.py", "domain/linking.py", "domain/hands.py", "bot/importer/reaching.py"}
    code = [path for folder in ("bot", "domain", "flows") for path in (ROOT / folder).rglob("*.py")]
    named = {str(path.relative_to(ROOT)) for path in code if "contact_customer" in path.read_text(encoding="utf-8")}
    assert named <= may
