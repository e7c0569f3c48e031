"""The program: its ports, its mails after a kill, its complaints."""

import os
import signal
import smtplib
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from sandbox.servers.processes import free_port


def _command(port: int, smtp: int, state: Path) -> list[str]:
    ports = ["--port", str(port), "--smtp-port", str(smtp)]
    return [sys.executable, "-m", "sandbox.mail", *ports, "--state", str(state)]


@contextmanager
def running(port: int, smtp: int, state: Path) -> Iterator["subprocess.Popen[str]"]:
    command = _command(port, smtp, state)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"sandbox: http://127.0.0.1:{port}/\n"
        try:
            yield process
        finally:
            process.terminate()


def test_mails_outlive_a_kill_and_sigterm_ends_it_at_once(tmp_path: Path) -> None:
    port, smtp = free_port(), free_port()
    with running(port, smtp, tmp_path) as process:
        with smtplib.SMTP("127.0.0.1", smtp, timeout=5) as client:
            client.sendmail("a@b.example", ["c@d.example"], b"Subject: kept\r\n\r\nhello")
        os.kill(process.pid, signal.SIGKILL)
    with running(port, smtp, tmp_path) as process:
        with requests.get(f"http://127.0.0.1:{port}/control/mails", timeout=5) as answer:
            assert [mail["subject"] for mail in answer.json()["items"]] == ["kept"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_a_taken_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for ports in ((port, free_port()), (free_port(), port)):
            done = subprocess.run(_command(*ports, tmp_path), capture_output=True, text=True, timeout=20, check=False)
            assert done.returncode == 1
            assert done.stderr.startswith("sandbox: cannot listen on 127.0.0.1")
            assert done.stderr.count("\n") == 1
