"""An admin to sign in with, made once per database; nobody while the service knows no staff."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from sandbox.demo.environment import read_environment, write_private
from sandbox.demo.setup import Commands

_EMAIL = "admin@noor.example"


@dataclass(frozen=True, slots=True)
class Admin:
    """Somebody who may do everything."""

    email: str
    password: str


def admin(commands: Commands, file: Path, business: str, database: str) -> Admin | None:
    """Return the admin of this `database`, made and noted in `file` the first time."""
    kept = read_environment(file)
    if kept.get("DATABASE") == database:
        return Admin(kept["EMAIL"], kept["PASSWORD"])
    if not commands.succeeds("staff", "--help"):
        return None
    password = secrets.token_urlsafe(12)
    options = ("--role", "admin", "--business", business, "--password-stdin")
    commands.raseed("staff", "add", _EMAIL, *options, typed=password + "\n")
    write_private(file, f"EMAIL={_EMAIL}\nPASSWORD={password}\nDATABASE={database}\n")
    return Admin(_EMAIL, password)
