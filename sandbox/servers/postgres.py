"""A private PostgreSQL."""

import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

import psycopg

from sandbox.servers.accounts import account_for
from sandbox.servers.binaries import Found, find_postgres
from sandbox.servers.cluster import Cluster, last_complaint
from sandbox.servers.places import data_place, programs_place
from sandbox.servers.processes import ServerError, end, end_leftovers, kill_all, spawn, wait_until
from sandbox.servers.roles import Urls, make_database

_PROGRAM = "postgres"
_START_SECONDS = 30.0
_STOP_SECONDS = 20.0
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
# What a start complains of that ends by itself: the one before was killed, and its children are just noticing.
_PASSING = ("is still in use", "lock file", "is starting up")


class EmbeddedPostgres:
    """A PostgreSQL of our own, everything of it in `data_dir`. `durable` as in production: a commit is on the disk.

    Where root could not give a server this directory, `data_dir` becomes another that stands for it.
    """

    def __init__(self, data_dir: Path, found: Found | None = None, *, durable: bool = True) -> None:
        wanted = data_dir.absolute()
        self._account = account_for(wanted / "cluster")
        self.data_dir = data_place(wanted, self._account).resolve()
        self.log = self._cluster.log
        self._found = found or find_postgres()
        self._durable = durable
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def superuser_url(self) -> str:
        """The address for those who may do everything."""
        return self._url("postgres", "postgres")

    def start(self) -> None:
        """Start it, on the port that it had before if it was started before. Raises ServerError."""
        end_leftovers(self._cluster.data, _PROGRAM, signal.SIGINT)
        programs = programs_place(self._found.folder, self._account) / "bin"
        self._cluster.make(programs / "initdb", durable=self._durable)
        fixed = self.port > 0
        until = monotonic() + _START_SECONDS
        while True:
            self.port = self.port if fixed else self._cluster.port()
            if not (complaint := self._start_once(programs / _PROGRAM)):
                break
            if monotonic() > until or not _passes(complaint, fixed=fixed):
                raise ServerError(f"PostgreSQL does not start: {complaint}")
            sleep(0.1)
        self._cluster.keep_port(self.port)

    def stop(self) -> None:
        """Stop it in good order."""
        if self._process is not None:
            end(self._process, signal.SIGINT, _STOP_SECONDS)
            self._process = None

    def kill(self) -> None:
        """Kill it and all of its children, as a power failure would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        kill_all(self._cluster.data, _PROGRAM)

    def is_running(self) -> bool:
        """Tell whether it was started and has neither been stopped nor died since."""
        return self._process is not None and self._process.poll() is None

    def erase(self) -> None:
        """Forget everything that it holds. It must not be running; one that an earlier run left is killed."""
        kill_all(self._cluster.data, _PROGRAM)
        shutil.rmtree(self.data_dir)

    def create_database(self, name: str, *, owner: str, service_role: str) -> Urls:
        """Make the database and its two roles, where they aren't there yet."""
        make_database(self.superuser_url, name, owner, service_role, self._cluster.password)
        return Urls(self._url(owner, name), self._url(service_role, name))

    @property
    def _cluster(self) -> Cluster:
        return Cluster(self.data_dir, self._account)

    def _url(self, role: str, database: str) -> str:
        return f"postgresql://{role}:{self._cluster.password}@127.0.0.1:{self.port}/{database}"

    def _start_once(self, program: Path) -> str:
        """Start it and wait until it answers. Return its complaint if it doesn't."""
        settings = {**_SETTINGS, **({} if self._durable else _NOT_DURABLE), "port": str(self.port)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [str(program), "-D", str(self._cluster.data), *options]
        said_before = self.log.stat().st_size if self.log.exists() else 0
        self._process = spawn(command, self.log, end_signal=signal.SIGINT, account=self._account)
        if wait_until(self._answers, self._process, _START_SECONDS):
            return ""
        self.stop()
        return last_complaint(self.log, said_before)

    def _answers(self) -> bool:
        with suppress(psycopg.OperationalError), psycopg.connect(self.superuser_url, connect_timeout=2):
            return True
        return False


def _passes(complaint: str, *, fixed: bool) -> bool:
    """Tell whether it is worth trying again; a port that somebody took meanwhile is, where another will do."""
    return any(words in complaint for words in _PASSING) or (not fixed and "could not create any TCP/IP" in complaint)
