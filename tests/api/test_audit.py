"""The audit log: what it tells, its seals, what they find, and how a person is forgotten."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from bot.jobs.seal import seal_all
from bot.keys import keys_of
from bot.services import Services
from domain import seals
from domain.audit import AuditEntry, AuditPersonal, AuditWaiting, forget
from domain.seals import AuditSeal, Chain, seal_waiting, verify
from tests.api.people import Asker, employed
from tests.cli.test_commands import raseed
from tests.noor import Noor, found_noor


@pytest.fixture
def written(admin: Asker, services: Services, noor: Noor) -> list[str]:
    """Six entries, sealed; the id of each, in order."""
    huda = employed(services.door, noor.business_id, "viewer", "huda@noor.example")
    for number in range(6):
        assert admin.asks("PATCH", f"/staff/{huda.id}", {"name": f"Huda {number}"}).status_code == 200
    assert seal_all(services) == 6
    return [entry["id"] for entry in reversed(admin.gets("/audit")["items"])]


def verified(services: Services, noor: Noor) -> Chain:
    with services.door.for_business(noor.business_id) as session:
        return verify(session, keys_of(services.settings).audit, noor.business_id)


def test_an_entry_tells_before_and_after(admin: Asker, written: list[str]) -> None:
    entries = admin.gets("/audit", action="staff.changed", limit=2)
    newest = entries["items"][0]
    assert newest["before"]["name"] == "Huda 4"
    assert newest["after"] == {**newest["before"], "name": "Huda 5"}
    assert newest["sealed_at"]
    assert (newest["subject_type"], newest["action"]) == ("staff", "staff.changed")


def test_entries_are_found(admin: Asker, written: list[str]) -> None:
    subject = admin.gets("/audit")["items"][0]["subject_id"]
    for asked in ({"actor_id": admin.id}, {"subject_id": subject}, {"subject_type": "staff"}, {}):
        assert len(admin.gets("/audit", **asked)["items"]) == 6
    assert admin.gets("/audit", since="2999-01-01T00:00:00Z")["items"] == []
    assert len(admin.gets("/audit", until="2999-01-01T00:00:00+03:00")["items"]) == 6
    assert admin.gets("/audit", actor_id=subject)["items"] == []


def test_nothing_about_a_person_stands_in_an_entry(services: Services, written: list[str]) -> None:
    with services.door.for_every_business() as session:
        for entry in session.scalars(select(AuditEntry)):
            told = str((entry.origin, entry.before, entry.after))
            assert "Huda" not in told
            assert "noor.example" not in told
            assert "127.0.0.1" not in told


def test_a_whole_chain_is_whole(services: Services, noor: Noor, written: list[str]) -> None:
    chain = verified(services, noor)
    assert (chain.number, chain.complaint) == (6, None)
    assert seal_all(services) == 0


def test_whoever_seals_at_the_same_time_seals_each_once(
    admin: Asker, services: Services, noor: Noor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seals, "_BATCH", 2)
    for number in range(9):
        admin.asks("POST", "/staff", {"email": f"{number}@noor.example", "name": "x", "role": "agent"})
    key = keys_of(services.settings).audit
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda _: seal_waiting(services.door, key), range(4))) == 9
    assert (verified(services, noor).number, verified(services, noor).complaint) == (9, None)
    with services.door.for_every_business() as session:
        assert session.scalar(select(func.count()).select_from(AuditWaiting)) == 0


def test_each_business_has_a_chain_of_its_own(
    app: Flask, admin: Asker, services: Services, noor: Noor, written: list[str]
) -> None:
    from tests.api.people import signed_in

    other = found_noor(services.door, "OTHER", "+966112000091", "+966112000092")
    stranger = signed_in(app, other.business_id, "admin")
    stranger.asks("POST", "/staff", {"email": "x@other.example", "name": "x", "role": "agent"})
    assert seal_all(services) == 1
    assert (verified(services, other).number, verified(services, noor).number) == (1, 6)


TAMPERED: list[tuple[str, str, str]] = [
    ("UPDATE audit_entry SET action = 'nothing' WHERE id = '{3}'", "{3}", "is not as it was sealed"),
    ("""UPDATE audit_entry SET after = after || '{{"role": "admin"}}' WHERE id = '{2}'""", "{2}", "is not as it was"),
    ("UPDATE audit_entry SET actor_id = gen_random_uuid() WHERE id = '{0}'", "{0}", "is not as it was sealed"),
    (
        "UPDATE audit_entry SET created_at = created_at + interval '1 microsecond' WHERE id = '{5}'",
        "{5}",
        "is not as it was",
    ),
    ("DELETE FROM audit_entry WHERE id = '{4}'", "{4}", "is missing"),
    ("DELETE FROM audit_seal WHERE entry_id = '{1}'", "seal 2", "is missing"),
    ("DELETE FROM audit_seal WHERE entry_id = '{5}'", "{5}", "has no seal, and waits for none"),
    ("UPDATE audit_seal SET digest = sha256('x') WHERE entry_id = '{2}'", "{2}", "is not as it was sealed"),
    (
        """UPDATE audit_seal SET entry_id = CASE entry_id WHEN '{1}' THEN '{2}'::uuid ELSE '{1}'::uuid END
           WHERE entry_id IN ('{1}', '{2}')""",
        "seal 2",
        "is not as it was sealed",
    ),
    (
        """UPDATE audit_personal SET facts = jsonb_set(facts, '{{before.name}}', '"Sara"') WHERE entry_id = '{3}'""",
        "{3}",
        "before.name is not what was recorded",
    ),
]


@pytest.mark.parametrize(("change", "row", "complaint"), TAMPERED)
def test_whatever_is_changed_is_found(
    superuser: Any, services: Services, noor: Noor, written: list[str], change: str, row: str, complaint: str
) -> None:
    """By somebody who may do everything in the database, and lacks the key."""
    superuser.execute(text("SET session_replication_role = replica"))
    if "CASE" in change:
        superuser.execute(text("ALTER TABLE audit_seal DROP CONSTRAINT uq_audit_seal_entry_id"))
    try:
        superuser.execute(text(change.format(*written).replace("::", r"\:\:")))
        told = verified(services, noor).complaint
        assert told is not None
        assert row.format(*written) in told
        assert complaint in told
    finally:
        if "CASE" in change:
            superuser.execute(text("TRUNCATE audit_seal"))
            superuser.execute(text("ALTER TABLE audit_seal ADD CONSTRAINT uq_audit_seal_entry_id UNIQUE (entry_id)"))
        superuser.execute(text("SET session_replication_role = DEFAULT"))


def test_with_another_key_nothing_is_said_to_be_false(services: Services, noor: Noor, written: list[str]) -> None:
    with services.door.for_business(noor.business_id) as session:
        chain = verify(session, b"another key", noor.business_id)
    assert chain.complaint == "seal 1 was made with another SECRET_KEY; it can't be checked"


def test_who_is_forgotten_leaves_the_chain_whole(
    admin: Asker, services: Services, noor: Noor, written: list[str]
) -> None:
    subject = admin.gets("/audit")["items"][0]["subject_id"]
    with services.door.for_business(noor.business_id) as session:
        forget(session, "staff", subject)
        assert session.scalar(select(func.count()).select_from(AuditPersonal)) == 0
    chain = verified(services, noor)
    assert (chain.number, chain.complaint) == (6, None)
    entry = admin.gets("/audit")["items"][0]
    assert (entry["before"]["name"], entry["before"]["email"], entry["before"]["role"]) == (None, None, "viewer")


def test_the_command_says_so(
    environment: dict[str, str], superuser: Any, services: Services, noor: Noor, written: list[str]
) -> None:
    done = raseed("audit", "verify", environment=environment)
    assert done.returncode == 0, done.stderr
    head = verified(services, noor).head.hex()
    assert done.stdout.decode() == f"NOOR: 6 sealed entries are whole; the chain ends in {head}\n"
    superuser.execute(text("SET session_replication_role = replica"))
    superuser.execute(text(f"UPDATE audit_entry SET action = 'nothing' WHERE id = '{written[3]}'"))
    superuser.execute(text("SET session_replication_role = DEFAULT"))
    done = raseed("audit", "verify", "--business", "NOOR", environment=environment)
    assert done.returncode == 1
    assert done.stderr.decode() == f"raseed: NOOR: entry {written[3]}, of seal 4, is not as it was sealed\n"
    assert raseed("audit", "verify", "--business", "X", environment=environment).returncode == 1


def test_a_chain_of_a_thousand_is_sealed_in_batches(admin: Asker, services: Services, noor: Noor) -> None:
    from domain.audit import Write, Writer, record

    key = keys_of(services.settings).audit
    writer = Writer(noor.business_id, "staff", admin.id, {"ip": "192.0.2.1"})
    with services.door.for_business(noor.business_id) as session:
        for number in range(1100):
            record(session, key, writer, Write("x", "staff", admin.id, {}, {"n": number}))  # type: ignore[arg-type]
    assert seal_all(services) == 1100
    chain = verified(services, noor)
    assert (chain.number, chain.complaint) == (1100, None)
    with services.door.for_every_business() as session:
        assert session.scalar(select(func.max(AuditSeal.number))) == 1100
