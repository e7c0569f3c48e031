"""A private PostgreSQL."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from time import monotonic, sleep

import psycopg
from psycopg import sql

from sandbox.servers.binaries import postgres_folder, reachable
from sandbox.servers.processes import ServerError, can_reach, end, end_leftover, free_port, spawn, wait_until

_START_SECONDS = 30.0
_STOP_SECONDS = 20.0
# PostgreSQL refuses to run as root; then it runs as this user, who owns nothing else.
_UNPRIVILEGED = "nobody"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",  # a statement may hold what people said
}
_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True, slots=True)
class Urls:
    """The two ways into a database: as the owner of its tables, and as the service, which owns none."""

    owner_url: str
    service_url: str


class EmbeddedPostgres:
    """A PostgreSQL of our own on `data_dir`. `durable` as in production: a commit is on the disk."""

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self._user = _UNPRIVILEGED if os.geteuid() == 0 else None
        self.data_dir = _usable(data_dir.resolve(), self._user)
        self._durable = durable
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def superuser_url(self) -> str:
        """The address for those who may do everything."""
        return self._url("postgres", self._password(), "postgres")

    def start(self) -> None:
        """Start it, on the port that it had before if it was started before. Raises ServerError."""
        self._end_leftover()
        if not (self.data_dir / "PG_VERSION").exists():
            self._initialise()
        self.port = self.port or free_port()
        until = monotonic() + _START_SECONDS
        # After a kill the children of the old server may take a moment to notice, and it is refused until then.
        while not self._started():
            if monotonic() > until:
                raise ServerError(f"PostgreSQL does not start; its log is {self._log}")
            sleep(0.2)

    def stop(self) -> None:
        """Stop it in good order."""
        if self._process is not None:
            end(self._process, signal.SIGINT, _STOP_SECONDS)
            self._process = None

    def kill(self) -> None:
        """Kill it, as a power failure would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def erase(self) -> None:
        """Forget everything that it holds. It must not be running."""
        self._end_leftover()
        shutil.rmtree(self.data_dir, ignore_errors=True)

    def create_database(self, name: str, *, owner: str, service_role: str) -> Urls:
        """Make the database and its two roles, where they aren't there yet."""
        password = self._password()
        with psycopg.connect(self.superuser_url, autocommit=True) as connection:
            for role in (owner, service_role):
                _make_role(connection, role, password)
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
            if known is None:
                make = sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(owner))
                connection.execute(make)
        return Urls(self._url(owner, password, name), self._url(service_role, password, name))

    def _url(self, role: str, password: str, database: str) -> str:
        return f"postgresql://{role}:{password}@127.0.0.1:{self.port}/{database}"

    @property
    def _log(self) -> Path:
        return self.data_dir.with_name(f"{self.data_dir.name}.log")

    @property
    def _password_file(self) -> Path:
        return self.data_dir.with_name(f"{self.data_dir.name}.password")

    def _password(self) -> str:
        return self._password_file.read_text(encoding="ascii").strip()

    def _program(self, name: str) -> str:
        folder = postgres_folder()
        return str((reachable(folder, self._user) if self._user else folder) / "bin" / name)

    def _initialise(self) -> None:
        """Make the cluster beside its place and move it there: a half-made one is never taken for a whole one."""
        making = self.data_dir.with_name(f"{self.data_dir.name}.making")
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(mode=0o700, parents=True)
        self._password_file.write_text(secrets.token_urlsafe(24), encoding="ascii")
        for path, mode in ((making, 0o700), (self._password_file, 0o600)):
            path.chmod(mode)
            self._give(path)
        options = ["--username=postgres", "--auth=scram-sha-256", f"--pwfile={self._password_file}"]
        options += ["--encoding=UTF8", "--locale=C.UTF-8", *([] if self._durable else ["--no-sync"])]
        command = [self._program("initdb"), "-D", str(making), *options]
        process = spawn(command, self._log, end_signal=signal.SIGKILL, user=self._user)
        if process.wait(_START_SECONDS) != 0:
            raise ServerError(f"PostgreSQL can't make its data directory; its log is {self._log}")
        if self.data_dir.exists():
            self.data_dir.rmdir()
        making.rename(self.data_dir)

    def _give(self, path: Path) -> None:
        if self._user:
            account = pwd.getpwnam(self._user)
            os.chown(path, account.pw_uid, account.pw_gid)

    def _started(self) -> bool:
        settings = {**_SETTINGS, **({} if self._durable else _NOT_DURABLE), "port": str(self.port)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [self._program("postgres"), "-D", str(self.data_dir), *options]
        self._process = spawn(command, self._log, end_signal=signal.SIGINT, user=self._user)
        return wait_until(self._answers, self._process, _START_SECONDS)

    def _answers(self) -> bool:
        with suppress(psycopg.OperationalError), psycopg.connect(self.superuser_url, connect_timeout=2):
            return True
        return False

    def _end_leftover(self) -> None:
        with suppress(OSError, ValueError, IndexError):
            pid = int((self.data_dir / "postmaster.pid").read_text().splitlines()[0])
            end_leftover(pid, self.data_dir)


def _make_role(connection: "psycopg.Connection[tuple[object, ...]]", role: str, password: str) -> None:
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
    if known is None:
        name, secret = sql.Identifier(role), sql.Literal(password)
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(name, secret))


def _usable(data_dir: Path, user: str | None) -> Path:
    """Return `data_dir`, or a place elsewhere for it when `user` could not get there."""
    parent = data_dir.parent
    parent.mkdir(parents=True, exist_ok=True)
    if user is None or can_reach(user, parent):
        return data_dir
    elsewhere = Path("/var/tmp") / f"raseed-data-{sha256(bytes(data_dir)).hexdigest()[:12]}"  # noqa: S108
    elsewhere.mkdir(mode=0o711, exist_ok=True)
    return elsewhere / data_dir.name


@contextmanager
def embedded_postgres(data_dir: Path | None = None, *, durable: bool = True) -> Iterator[EmbeddedPostgres]:
    """Run a PostgreSQL on `data_dir`; on a temporary one, removed at the end, when none is given."""
    temporary = None if data_dir else Path(tempfile.mkdtemp(prefix="raseed-postgres-"))
    if temporary is not None:
        temporary.chmod(0o711)
    server = EmbeddedPostgres(data_dir or (temporary or Path()) / "data", durable=durable)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)
