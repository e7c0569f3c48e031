"""The data directory of a private PostgreSQL: `cluster` is its own, beside it lie its log, password and port."""

import secrets
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

from sandbox.servers.accounts import Account
from sandbox.servers.processes import ServerError, free_port, is_free, spawn

_INITDB_SECONDS = 60.0
_OPTIONS = ("--username=postgres", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8")


@dataclass(frozen=True, slots=True)
class Cluster:
    """What lies in `folder`, worked on by `account`."""

    folder: Path
    account: Account | None

    @property
    def data(self) -> Path:
        """What PostgreSQL itself calls its data directory."""
        return self.folder / "cluster"

    @property
    def log(self) -> Path:
        """What PostgreSQL says."""
        return self.folder / "postgres.log"

    @property
    def password(self) -> str:
        """The password of every role."""
        return self._password_file.read_text(encoding="ascii").strip()

    @property
    def _password_file(self) -> Path:
        return self.folder / "password"

    @property
    def _port_file(self) -> Path:
        return self.folder / "port"

    def port(self) -> int:
        """Return the port of the last time if it is free, so that an address noted down stays true."""
        try:
            kept = int(self._port_file.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return free_port()
        return kept if is_free(kept) else free_port()

    def keep_port(self, port: int) -> None:
        """Note down the port for the next time."""
        self._port_file.write_text(str(port), encoding="ascii")

    def make(self, initdb: Path, *, durable: bool) -> None:
        """Make it unless it is made. It moves to its place at the end: a half-made one is never taken for whole."""
        if (self.data / "PG_VERSION").exists():
            return
        making = self.folder / "making"
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(mode=0o700)
        self._password_file.touch(mode=0o600)
        self._password_file.write_text(secrets.token_urlsafe(24), encoding="ascii")
        if self.account:
            self.account.own(making)
            self.account.own(self._password_file)
        self._initialise(initdb, making, durable=durable)
        making.rename(self.data)

    def _initialise(self, initdb: Path, making: Path, *, durable: bool) -> None:
        options = [*_OPTIONS, f"--pwfile={self._password_file}", *([] if durable else ["--no-sync"])]
        command = [str(initdb), "-D", str(making), *options]
        process = spawn(command, self.log, end_signal=signal.SIGKILL, account=self.account)
        try:
            failed = process.wait(_INITDB_SECONDS) != 0
        finally:
            process.kill()
            process.wait()
        if failed:
            raise ServerError(f"PostgreSQL can't make its data directory: {last_complaint(self.log)}")


def last_complaint(log: Path, offset: int = 0) -> str:
    """Return what the log says last, from `offset` on, and which log it is."""
    lines = log.read_bytes()[offset:].decode(errors="replace").splitlines()
    said = [line for line in lines if "FATAL" in line or "error" in line.lower()] or lines
    return f"{said[-1].strip() if said else 'it says nothing'} (log: {log})"
