"""The program itself: start, stop, books on disk."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from sandbox.servers.processes import free_port
from tests.sandbox.conftest import ACCOUNT, SARA, SECRET, SMS, Sandbox, Service, wait_for


@contextmanager
def running(config: Path, state: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    command = [
        sys.executable,
        "-m",
        "sandbox.twilio",
        "--port",
        str(port),
        "--config",
        str(config),
        "--state",
        str(state),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


def send(port: int, body: str, callback: str) -> str:
    answer = requests.post(
        f"http://127.0.0.1:{port}/2010-04-01/Accounts/{ACCOUNT}/Messages.json",
        data={"To": SARA, "From": SMS, "Body": body, "StatusCallback": callback},
        auth=(ACCOUNT, SECRET),
        timeout=5,
    )
    return str(answer.json()["sid"])


def test_what_was_accepted_outlives_kill_9_and_is_carried_on(
    config_file: Path, tmp_path: Path, service: Service
) -> None:
    slow = json.loads(config_file.read_text(encoding="utf-8"))
    slow["settings"]["callback_delays_ms"] = {"sent": 5000}
    slow_file = tmp_path / "slow.json"
    slow_file.write_text(json.dumps(slow), encoding="utf-8")
    port, state = free_port(), tmp_path / "state"
    with running(slow_file, state, port) as process:
        sid = send(port, "مرحبا", f"{service.url}/status")
        os.kill(process.pid, signal.SIGKILL)
    with running(config_file, state, port):
        again = Sandbox(f"http://127.0.0.1:{port}")
        assert again.message(sid)["body"] == "مرحبا"
        wait_for(lambda: service.callbacks(sid) == ["sent", "delivered"])
        again.http.close()


def test_sigterm_stops_it_at_once_even_with_a_page_open(config_file: Path, tmp_path: Path) -> None:
    port = free_port()
    with running(config_file, tmp_path / "state", port) as process:
        with requests.get(f"http://127.0.0.1:{port}/phone/events", stream=True, timeout=5) as stream:
            assert next(stream.iter_lines(chunk_size=1))
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_a_taken_port_is_one_clear_line(config_file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "sandbox.twilio", "--port", port, "--config", str(config_file)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert port in done.stderr


def test_a_bad_configuration_is_one_clear_line() -> None:
    command = [sys.executable, "-m", "sandbox.twilio", "--port", "0", "--config", "-"]
    done = subprocess.run(
        command, input='{"account_sid": "AC1"}', capture_output=True, text=True, timeout=10, check=False
    )
    assert (done.returncode, done.stderr) == (1, "sandbox: the configuration lacks auth_token\n")
