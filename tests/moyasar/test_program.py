"""The program: its port, its books after a kill, its complaints."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.moyasar.conftest import KEY, Sandbox


@contextmanager
def running(config: Path, state: Path) -> Iterator[tuple["subprocess.Popen[str]", Sandbox]]:
    command = [sys.executable, "-m", "sandbox.moyasar", "--port", "0", "--config", str(config), "--state", str(state)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        sandbox = Sandbox(process.stdout.readline().split()[-1].rstrip("/"))
        try:
            yield process, sandbox
        finally:
            sandbox.http.close()
            process.terminate()


def test_the_books_outlive_a_kill(tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"secret_key": KEY}))
    with running(config, tmp_path / "state") as (process, sandbox):
        made = sandbox.invoice(metadata={"attempt_id": "a1"})
        bill = sandbox.bill()
        os.kill(process.pid, signal.SIGKILL)
    with running(config, tmp_path / "state") as (process, sandbox):
        found = sandbox.call("GET", f"/invoices/{made['id']}").json()
        assert (found["metadata"], found["amount"]) == ({"attempt_id": "a1"}, 11_500)
        assert sandbox.call("GET", f"/payments/{bill['id']}").json()["source"] == bill["source"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0


@pytest.mark.parametrize("text", ["", "{}", '{"secret_key": "sk_live_real"}'])
def test_a_bad_configuration_is_one_clear_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text)
    command = [sys.executable, "-m", "sandbox.moyasar", "--port", "0", "--config", str(tmp_path / "config.json")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("sandbox: the configuration")
    assert done.stderr.count("\n") == 1
