"""staff.csv: who signs in; a password is set by invitation."""

from pathlib import Path

from sqlalchemy import select, update

from bot.importer import import_folder
from domain.clock import now
from domain.door import Door
from domain.staff import Staff
from tests.importer.folders import refused, written

STAFF = "email,name,role,language\nHuda@Noor.example,Huda,admin,ar\nomar@noor.example,Omar,agent,en\n"


def known(door: Door) -> dict[str, Staff]:
    with door.for_every_business() as session:
        return {one.email: one for one in session.scalars(select(Staff))}


def test_staff_are_taken_in_and_updated(door: Door, tmp_path: Path) -> None:
    for _ in range(2):
        import_folder(door, written(tmp_path, staff=STAFF))
    staff = known(door)
    assert {(one.email, one.name, one.role, one.language, one.password_hash) for one in staff.values()} == {
        ("huda@noor.example", "Huda", "admin", "ar", None),
        ("omar@noor.example", "Omar", "agent", "en", None),
    }
    with door.for_every_business() as session:
        session.execute(update(Staff).values(password_hash="kept", disabled_at=now()))
    counts = import_folder(door, written(tmp_path, staff=STAFF.replace("agent", "viewer"))).files["staff.csv"]
    assert (counts.new, counts.changed, counts.unchanged) == (0, 1, 1)
    omar = known(door)["omar@noor.example"]
    assert (omar.role, omar.password_hash, omar.disabled_at is None) == ("viewer", "kept", False)


def test_what_is_wrong_with_staff_is_said(door: Door, tmp_path: Path) -> None:
    bad = "email,name,role\nhuda,Huda,admin\nx@noor.example,X,king\na@noor.example,A,agent\nA@noor.example,B,agent\n"
    assert refused(door, written(tmp_path, staff=bad)) == [
        "staff.csv:2: email: 'huda' is not an e-mail address",
        "staff.csv:3: role: 'king' is not one of admin, agent, viewer",
        "staff.csv:5: email a@noor.example stands in line 4 already",
    ]
