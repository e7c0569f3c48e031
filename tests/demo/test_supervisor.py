"""The demo keeps its programs running, and leaves none behind."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

import pytest

from sandbox.demo.environment import Addresses, environment
from sandbox.demo.people import people_of, senders_of
from sandbox.demo.supervisor import GivenUp, Program, Supervisor
from sandbox.servers.processes import free_port

PROJECT = Path(__file__).parents[2]
COMPANY = PROJECT / "sandbox" / "data" / "noor"


def _program(folder: Path, script: str, name: str = "it") -> Program:
    return Program(name, [sys.executable, "-c", script], {"MARK": "demo"}, folder / f"{name}.log", folder)


def _wait(condition: object, seconds: float = 5) -> None:
    until = monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert monotonic() < until
        sleep(0.02)


def test_what_dies_is_started_again_and_told(tmp_path: Path) -> None:
    told: list[str] = []
    supervisor = Supervisor(told.append)
    program = _program(tmp_path, "import time; open('starts', 'a').write('x'); time.sleep(60)")
    supervisor.start(program)
    starts = tmp_path / "starts"
    _wait(starts.exists)
    assert program.process
    program.process.kill()

    def started_again() -> bool:
        supervisor.look_after_all()
        return starts.read_text() == "xx"

    _wait(started_again)
    assert told == ["it ended (exit code -9); starting it again"]
    supervisor.stop()


def test_what_always_dies_is_given_up_with_the_end_of_its_log(tmp_path: Path) -> None:
    supervisor = Supervisor(lambda _: None)
    supervisor.start(_program(tmp_path, "import sys; sys.exit('the port is cursed')"))
    with pytest.raises(GivenUp, match="the port is cursed"):
        supervisor.watch(lambda: False, tick=0.02)
    supervisor.stop()


def test_stopping_leaves_nothing_even_of_what_does_not_listen(tmp_path: Path) -> None:
    stubborn = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "open('child', 'w').write(str(child.pid)); time.sleep(60)"
    )
    supervisor = Supervisor(lambda _: None, stop_within=0.3)
    program = _program(tmp_path, stubborn)
    supervisor.start(program)
    _wait(lambda: (tmp_path / "child").exists() and (tmp_path / "child").read_text())
    supervisor.stop()
    child = int((tmp_path / "child").read_text())
    _wait(lambda: not Path(f"/proc/{child}").exists() or "Z" in Path(f"/proc/{child}/stat").read_text())


@pytest.mark.parametrize("variable", ["PORT", "SANDBOX_PORT"])
def test_a_taken_port_is_one_line_and_nothing_is_started(variable: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ports = {"PORT": str(free_port()), "SANDBOX_PORT": str(free_port()), variable: str(taken.getsockname()[1])}
        done = subprocess.run(
            [sys.executable, "-m", "sandbox", "demo"],
            cwd=PROJECT,
            env={**os.environ, **ports},
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )
    assert done.returncode == 1
    assert done.stderr.startswith(f"raseed: port {ports[variable]} is taken")
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


def test_the_environment_is_kept_and_for_us_alone(tmp_path: Path) -> None:
    addresses = Addresses(
        "postgresql://a",
        "postgresql://b",
        "redis://c",
        "http://127.0.0.1:1",
        "http://127.0.0.1:2",
        "http://127.0.0.1:3",
        "http://127.0.0.1:4",
        5,
        "no-reply@noor.example",
    )
    first = environment(tmp_path / "env", addresses)
    assert environment(tmp_path / "env", addresses) == first
    assert (tmp_path / "env").stat().st_mode & 0o077 == 0
    for name in (
        "DATABASE_URL",
        "REDIS_URL",
        "PUBLIC_BASE_URL",
        "SECRET_KEY",
        "TWILIO_ACCOUNT_SID",
        "TWILIO_AUTH_TOKEN",
    ):
        assert first[name]


def test_everybody_can_be_played() -> None:
    people = people_of(COMPANY)
    assert len({person["phone"] for person in people}) == len(people)
    assert any("2 accounts" in person["note"] for person in people)
    assert sum(person["bsuid"] is not None for person in people) == 1
    assert {sender["channel"] for sender in senders_of(COMPANY)} == {"whatsapp", "sms"}
