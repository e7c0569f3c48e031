"""One demo per folder, on free ports, and gone with the one who started it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

import pytest

from sandbox.demo import staff
from sandbox.demo.environment import program_environment, read_environment
from sandbox.demo.errors import DemoError
from sandbox.demo.lock import Held, held
from sandbox.demo.marks import end_leftovers, marked
from sandbox.demo.parts import Server
from sandbox.demo.ports import Ports, check_free, read_ports
from sandbox.demo.setup import Commands, fingerprint
from sandbox.demo.supervisor import GivenUp, Program, Supervisor
from sandbox.servers import EmbeddedRedis
from sandbox.servers.processes import free_port

PROJECT = Path(__file__).parents[2]
SUPERVISOR = """
import sys
from pathlib import Path
from sandbox.demo.supervisor import Program, Supervisor
folder = Path(sys.argv[1])
parent = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
supervisor = Supervisor(print)
supervisor.start(Program("it", [sys.executable, "-c", parent], {}, folder / "it.log", folder))
supervisor.watch(lambda: False)
"""


def _wait(condition: Callable[[], object], seconds: float = 10) -> None:
    until = monotonic() + seconds
    while not condition():
        assert monotonic() < until
        sleep(0.02)


def _lost(folder: Path) -> None:
    """Leave two processes behind, of a supervisor that was killed."""
    process = subprocess.Popen([sys.executable, "-c", SUPERVISOR, str(folder)], cwd=PROJECT)
    _wait(lambda: len(marked(str(folder))) == 2)
    process.kill()
    process.wait()


def test_what_a_killed_supervisor_started_is_told_to_end_and_the_rest_ends_at_the_next_start(tmp_path: Path) -> None:
    _lost(tmp_path)
    _wait(lambda: len(marked(str(tmp_path))) == 1)  # the child of its child knows nothing of it
    end_leftovers(str(tmp_path))
    _wait(lambda: marked(str(tmp_path)) == [])


def test_a_server_that_dies_comes_back_where_it_was(tmp_path: Path) -> None:
    told: list[str] = []
    supervisor, redis = Supervisor(told.append), EmbeddedRedis(tmp_path / "redis")
    supervisor.start(Server("Redis", redis))
    url = redis.url
    assert redis._process
    os.kill(redis._process.pid, signal.SIGKILL)
    redis._process.wait()

    def back() -> bool:
        supervisor.look_after_all()
        return redis.is_running()

    _wait(back)
    assert redis.url == url
    assert told == ["Redis ended; starting it again"]
    supervisor.stop()
    assert not redis.is_running()


def test_what_never_answers_is_given_up(tmp_path: Path) -> None:
    supervisor = Supervisor(lambda _: None)
    program = Program("it", ["sleep", "60"], {}, tmp_path / "it.log", tmp_path, (free_port(), "/"))
    supervisor.start(program)
    with pytest.raises(GivenUp, match="it does not answer"):
        supervisor.wait_until_ready([program], 0.2)
    supervisor.stop()
    assert program.ended()


def test_in_a_hurry_nobody_is_waited_for(tmp_path: Path) -> None:
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    supervisor = Supervisor(lambda _: None, stop_within=60)
    program = Program("it", [sys.executable, "-c", deaf], {}, tmp_path / "it.log", tmp_path)
    supervisor.start(program)
    _wait(lambda: "up" in program.log.read_text())
    began = monotonic()
    supervisor.stop(lambda: True)
    assert monotonic() - began < 30
    assert marked(str(tmp_path)) == []


def test_one_demo_per_folder(tmp_path: Path) -> None:
    with held(tmp_path / "lock"):
        complaint = rf"already runs in this folder \(process {os.getpid()}\)"
        with pytest.raises(Held, match=complaint), held(tmp_path / "lock"):
            pass
    with held(tmp_path / "lock"):
        pass


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [
        ({"PORT": "a"}, "PORT must be a port number, not 'a'"),
        ({"SANDBOX_PORT": "70000"}, "SANDBOX_PORT must be a port number, not '70000'"),
        ({"PORT": "8001"}, "PORT and SANDBOX_PORT are both 8001: they must differ"),
    ],
)
def test_ports_that_are_none(environment: dict[str, str], complaint: str) -> None:
    with pytest.raises(DemoError) as raised:
        read_ports(environment)
    assert str(raised.value) == complaint


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(DemoError, match=f"port {port} is taken: .* set SANDBOX_PORT to another"):
            check_free(Ports(free_port(), free_port(), port, free_port(), free_port(), free_port()))


def test_the_environment_of_the_caller_does_not_leak_into_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEND_ONLY_TO", "+966500000001")
    monkeypatch.setenv("TWILIO_AUTH_TOKEN_FILE", "/etc/production")
    monkeypatch.setenv("http_proxy", "http://proxy.example")
    found = program_environment({"TWILIO_AUTH_TOKEN": "ours"})
    assert found["TWILIO_AUTH_TOKEN"] == "ours"
    assert not {"SEND_ONLY_TO", "TWILIO_AUTH_TOKEN_FILE"} & set(found)
    assert "127.0.0.1" in found["NO_PROXY"]


def test_a_broken_environment_file_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "env").write_text("SECRET_KEY='half")
    assert read_environment(tmp_path / "env") == {}


def test_the_demo_data_is_loaded_again_only_when_it_changed(tmp_path: Path) -> None:
    (tmp_path / "plans.csv").write_text("code\nMONTH\n")
    first = fingerprint(tmp_path, "one")
    assert fingerprint(tmp_path, "one") == first
    assert fingerprint(tmp_path, "other") != first
    (tmp_path / "plans.csv").write_text("code\nWEEK\n")
    assert fingerprint(tmp_path, "one") != first


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    """A `raseed` that knows staff and notes down what it is told."""
    raseed = tmp_path / "raseed"
    raseed.write_text('#!/bin/sh\nif [ "$2" = --help ]; then exit 0; fi\necho "$@"\ncat\n[ "$1" != sink ]\n')
    raseed.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    return Commands(tmp_path / "setup.log", tmp_path, dict(os.environ))


def test_an_admin_is_made_once_per_database(commands: Commands, tmp_path: Path) -> None:
    first = staff.admin(commands, tmp_path / "admin", "NOOR", "one")
    assert first
    said = commands.log.read_text().splitlines()
    assert said == [f"staff add {first.email} --role admin --business NOOR --password-stdin", first.password]
    assert staff.admin(commands, tmp_path / "admin", "NOOR", "one") == first
    assert staff.admin(commands, tmp_path / "admin", "NOOR", "another") != first
    assert (tmp_path / "admin").stat().st_mode & 0o077 == 0


def test_a_command_that_fails_says_its_last_line(commands: Commands) -> None:
    with pytest.raises(DemoError, match=r"raseed sink failed: deep$"):
        commands.raseed("sink", typed="shallow\ndeep\n")


def test_the_other_ports_follow_the_sandbox_and_leave_out_what_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        found = read_ports({"PORT": "65000", "SANDBOX_PORT": str(port - 1)})
    assert port not in {found.moyasar, found.mail, found.smtp}
    assert port < found.moyasar < found.mail < found.smtp
    assert read_ports({"MOYASAR_PORT": "64000"}).moyasar == 64000
