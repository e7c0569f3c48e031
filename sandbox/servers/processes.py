"""Private processes: started for us alone, ended with us."""

import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import IO

from sandbox.servers.accounts import Account

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)
_LEFTOVER_SECONDS = 10.0
_PORTS = range(10_240, 32_000)
_PORTS_TO_TRY = 100
_anywhere = random.SystemRandom()  # whatever tests do to the common one: no two processes shall be of one mind


class ServerError(RuntimeError):
    """An embedded server can't be had. The message is one line that says why."""


def free_port() -> int:
    """Return a port on loopback that nobody listens on. Raises ServerError.

    It is below those that systems hand out by themselves: whatever is connected in the meantime does not take it.
    """
    for port in _anywhere.sample(_PORTS, _PORTS_TO_TRY):
        if is_free(port):
            return port
    raise ServerError(f"{_PORTS_TO_TRY} ports between {_PORTS.start} and {_PORTS.stop} are taken")


def is_free(port: int) -> bool:
    """Tell whether we could listen on `port`, on loopback."""
    with socket.socket() as listener:
        # As servers do: connections that are just being forgotten are no reason to refuse.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def spawn(
    command: Sequence[str],
    log: Path,
    *,
    end_signal: int,
    account: Account | None = None,
    cwd: Path = Path("/"),
    environment: Mapping[str, str] | None = None,
    given: IO[bytes] | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, as `account` if given, with `given` as standard input.

    Should we die, it is sent `end_signal`.
    On other systems than Linux it then stays until the next start.
    """
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=given or subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # a Ctrl-C in the terminal is for us; we end what we started, in order
            cwd=cwd,
            env=environment,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            preexec_fn=_end_with_parent(end_signal) if sys.platform == "linux" else None,  # noqa: PLW1509  see there
        )


def _end_with_parent(end_signal: int) -> Callable[[], None]:
    """Return what a child does before it becomes its program: nothing but system calls, so threads do no harm."""
    parent = os.getpid()

    def ask() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, end_signal)
        if os.getppid() != parent:  # it died before we could ask
            os._exit(1)

    return ask


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Wait until `ready`; False when `process` ends before, or the time is up."""
    until = monotonic() + seconds
    while monotonic() < until:
        if ready():
            return True
        if process.poll() is not None:
            return False
        sleep(0.02)
    return False


def end(process: subprocess.Popen[bytes], number: int, seconds: float) -> None:
    """End `process` by signal `number`; by SIGKILL when it is still there after `seconds`."""
    if process.poll() is None:
        process.send_signal(number)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def processes_in(folder: Path, program: str) -> list[int]:
    """Return the processes that run `program` and work in `folder`: what an earlier run left, children included."""
    return [pid for pid in _all_pids() if _link(pid, "cwd") == str(folder) and _program(pid) == program]


def end_leftovers(folder: Path, program: str, number: int) -> None:
    """End the server that an earlier run left in `folder`: its parent was killed before it could.

    It is asked by signal `number`; whatever is still there after a while is killed.
    """
    found = processes_in(folder, program)
    for pid in found:
        if _parent(pid) not in found:  # the server itself, not its children
            with suppress(OSError):
                os.kill(pid, number)
    if not _gone(folder, program, _LEFTOVER_SECONDS):
        kill_all(folder, program)


def kill_all(folder: Path, program: str) -> None:
    """Kill every process that runs `program` in `folder`, and wait until they are gone. Raises ServerError."""
    for pid in processes_in(folder, program):
        with suppress(OSError):
            os.kill(pid, signal.SIGKILL)
    if not _gone(folder, program, _LEFTOVER_SECONDS):
        pids = ", ".join(map(str, processes_in(folder, program)))
        raise ServerError(f"{program} still runs in {folder} and can't be ended: process {pids}")


def _gone(folder: Path, program: str, seconds: float) -> bool:
    until = monotonic() + seconds
    while processes_in(folder, program):
        if monotonic() > until:
            return False
        sleep(0.02)
    return True


def _all_pids() -> Iterator[int]:
    """Yield all processes; none where there is no /proc."""
    with suppress(OSError):
        yield from (int(entry) for entry in os.listdir("/proc") if entry.isdigit())  # noqa: PTH208  hot


def _link(pid: int, name: str) -> str:
    """Return what /proc says of a process; nothing for one that ended, or that is none of ours."""
    try:
        return os.readlink(f"/proc/{pid}/{name}")  # noqa: PTH115  hot
    except OSError:
        return ""


def _parent(pid: int) -> int:
    with suppress(OSError):
        return int(
            Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1]
        )
    return 0


def _program(pid: int) -> str:
    return Path(_link(pid, "exe").removesuffix(" (deleted)")).name
