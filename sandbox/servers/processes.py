"""Private processes: started for us alone, ended with us."""

import ctypes
import os
import pwd
import signal
import socket
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic, sleep

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


class ServerError(RuntimeError):
    """An embedded server can't be had. The message is one line that says why."""


def free_port() -> int:
    """Return a port on loopback that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def spawn(command: Sequence[str], log: Path, *, end_signal: int, user: str | None = None) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, as `user` if given; should we die, it is sent `end_signal`."""
    account = pwd.getpwnam(user) if user else None

    def end_with_parent() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, end_signal)

    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # a Ctrl-C in the terminal is for us; we end what we started, in order
            cwd="/",
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
            preexec_fn=end_with_parent,  # noqa: PLW1509  nothing but one system call
        )


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


def is_running(pid: int, data_dir: Path) -> bool:
    """Tell whether `pid` is a live process that was started on `data_dir`."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z" and os.fsencode(data_dir) in command


def end_leftover(pid: int, data_dir: Path, number: int = signal.SIGINT, seconds: float = 10) -> None:
    """End a server that an earlier run left on `data_dir`: its parent was killed before it could."""
    until = monotonic() + seconds
    for signal_number in (number, signal.SIGKILL):
        while is_running(pid, data_dir) and monotonic() < until:
            os.kill(pid, signal_number)
            sleep(0.1)
        until = monotonic() + seconds


def can_reach(user: str, path: Path) -> bool:
    """Tell whether `user`, who owns none of it, may pass through all folders down to `path`."""
    uid = pwd.getpwnam(user).pw_uid
    return all(
        parent.stat().st_mode & 0o001 or parent.stat().st_uid == uid
        for parent in (path, *path.parents)
        if parent.is_dir()
    )
