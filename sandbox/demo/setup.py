"""What is done before the service runs: the schema, the demo data, what the sandbox is told."""

import json
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryFile

from sandbox.demo.environment import write_private
from sandbox.demo.errors import DemoError
from sandbox.demo.marks import MARK, end_marked
from sandbox.demo.people import people_of, senders_of
from sandbox.servers.processes import spawn

_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Commands:
    """Runs `raseed` with the service's environment. What it says goes to a log."""

    log: Path
    folder: Path
    environment: Mapping[str, str]

    def raseed(self, *arguments: str, typed: str = "") -> None:
        """Run a sub-command, with `typed` on its standard input. Raises DemoError with its last line."""
        if not self.succeeds(*arguments, typed=typed):
            lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            raise DemoError(f"raseed {' '.join(arguments)} failed: {lines[-1] if lines else f'see {self.log}'}")

    def succeeds(self, *arguments: str, typed: str = "") -> bool:
        """Run a sub-command. Tells whether it went well."""
        command = [str(Path(sys.executable).with_name("raseed")), *arguments]
        environment = {**self.environment, MARK: str(self.log)}
        with TemporaryFile() as given:
            given.write(typed.encode())
            given.seek(0)
            process = spawn(
                command, self.log, end_signal=signal.SIGTERM, cwd=self.folder, environment=environment, given=given
            )
        try:
            return process.wait(_SECONDS) == 0
        except subprocess.TimeoutExpired:
            return False
        finally:
            process.kill()
            process.wait()
            end_marked(str(self.log), 0)


def fingerprint(folder: Path, database: str) -> str:
    """Return what tells one state of a folder, in one database, from another."""
    found = sha256(database.encode())
    for path in sorted(folder.glob("*.csv")):
        found.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


def write_sandbox_config(file: Path, data: Path, environment: Mapping[str, str]) -> None:
    """Write what the sandbox is told at start."""
    config = {
        "account_sid": environment["TWILIO_ACCOUNT_SID"],
        "auth_token": environment["TWILIO_AUTH_TOKEN"],
        "webhook_base_url": environment["PUBLIC_BASE_URL"],
        "senders": senders_of(data),
        "people": people_of(data),
        "clock_file": environment.get("RASEED_CLOCK_FILE"),
    }
    write_private(file, json.dumps(config, ensure_ascii=False, indent=2))


def write_moyasar_config(file: Path, company: Mapping[str, str], environment: Mapping[str, str]) -> None:
    """Write what Moyasar's sandbox is told at start."""
    config = {
        "secret_key": environment["MOYASAR_SECRET_KEY"],
        "webhook_secret": environment["MOYASAR_WEBHOOK_SECRET"],
        "webhook_url": f"{environment['PUBLIC_BASE_URL']}/webhooks/moyasar",
        "merchant": company["name_en"],
        "merchant_ar": company["name_ar"],
        "clock_file": environment.get("RASEED_CLOCK_FILE"),
    }
    write_private(file, json.dumps(config, ensure_ascii=False, indent=2))
