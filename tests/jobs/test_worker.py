"""The workers as processes: they find work by the bell or without it, come back when killed, and leave nothing."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import pytest

from tests.jobs.conftest import Phone, wait_for

WORKER = str(Path(__file__).parents[2] / "worker.py")


@contextmanager
def working(environment: dict[str, str], *arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen([sys.executable, WORKER, *arguments], env={**os.environ, **environment})
    try:
        wait_for(lambda: len(_children(process.pid)) >= 3, 60)
        yield process
    finally:
        process.terminate()
        process.wait(60)


def _children(pid: int) -> list[int]:
    """The children of a process that run our code; ."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
            ours = b"worker.py" in (stat.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if int(parent) == pid and state != "Z" and ours:
            found.append(int(stat.parent.name))
    return found


def test_a_message_is_answered_at_once(environment: dict[str, str], phone: Phone) -> None:
    with working(environment):
        phone.writes("hi")
        wait_for(phone.received, 60)  # the processes are still importing
        began = monotonic()
        phone.writes("english")
        wait_for(lambda: len(phone.received()) == 2)
        assert monotonic() - began < 4


def test_without_redis_within_five_seconds(environment: dict[str, str], phone: Phone) -> None:
    with working({**environment, "REDIS_URL": "redis://127.0.0.1:9"}):
        phone.writes("hi")
        wait_for(phone.received, 60)
        began = monotonic()
        phone.writes("english")
        wait_for(lambda: len(phone.received()) == 2)
        assert monotonic() - began < 15


def test_killed_children_come_back(environment: dict[str, str], phone: Phone) -> None:
    with working(environment) as process:
        phone.writes("hi")
        wait_for(phone.received, 60)
        before = set(_children(process.pid))
        for child in before:
            os.kill(child, signal.SIGKILL)
        phone.writes("english")
        wait_for(lambda: len(phone.received()) == 2, 60)
        wait_for(lambda: len(set(_children(process.pid)) - before) == len(before), 60)
        assert len(phone.received()) == 2


def test_when_the_parent_is_killed_the_children_end(environment: dict[str, str], phone: Phone) -> None:
    process = subprocess.Popen([sys.executable, WORKER], env={**os.environ, **environment})
    wait_for(lambda: len(_children(process.pid)) >= 3, 60)
    children = _children(process.pid)
    process.kill()
    process.wait()
    wait_for(lambda: not any(Path(f"/proc/{child}").exists() for child in children), 60)


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_when_told(environment: dict[str, str], phone: Phone, signal_number: int) -> None:
    process = subprocess.Popen([sys.executable, WORKER], env={**os.environ, **environment})
    wait_for(lambda: len(_children(process.pid)) >= 3, 60)
    phone.writes("hi")
    wait_for(phone.received, 60)
    process.send_signal(signal_number)
    assert process.wait(25) == 0  # after 30 it would be killed
    assert not _children(process.pid)


def test_an_unknown_queue_is_refused(environment: dict[str, str]) -> None:
    command = [sys.executable, WORKER, "--queues", "replies,nonsense"]
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    queues = "replies, notices, campaigns, mails, events, planned, payments, vending"
    assert done.stderr.strip() == f"raseed: --queues: there is no queue nonsense; there are {queues}"
