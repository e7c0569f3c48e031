"""The command: starts everything, says where to click, and runs until it is told to stop."""

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Event
from time import monotonic, sleep
from urllib.error import URLError
from urllib.request import urlopen

from rich.console import Console
from rich.panel import Panel

from sandbox.demo.environment import Addresses, environment
from sandbox.demo.people import people_of, senders_of
from sandbox.demo.supervisor import GivenUp, Program, Supervisor
from sandbox.servers import EmbeddedPostgres, EmbeddedRedis, ServerError

PROJECT = Path(__file__).parents[2]
COMPANY = PROJECT / "sandbox" / "data" / "noor"
_ANSWERS_WITHIN = 60.0

console = Console(highlight=False)


class DemoError(RuntimeError):
    """The demo can't be had. The message is for people."""


class Stopped(Exception):
    """We were told to stop."""


def main(arguments: Sequence[str]) -> int:
    """Run the demo. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__, epilog="example: make demo RESET=1")
    parser.add_argument("what", choices=["demo"])
    parser.add_argument(
        "--home", type=Path, default=PROJECT / ".demo", help="where everything is kept (default: .demo)"
    )
    parser.add_argument("--reset", action="store_true", help="start over: forget everything that was said")
    chosen = parser.parse_args(arguments)
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: _stop(stop))
    try:
        _run(stop, chosen.home.resolve(), reset=chosen.reset)
    except (DemoError, ServerError, GivenUp, OSError) as error:
        print(f"raseed: {error}", file=sys.stderr)
        return 1
    except Stopped:
        pass
    console.print("Stopped. Everything that was said is kept for the next time.")
    return 0


def _stop(stop: Event) -> None:
    """Stop what is being started at once; what runs is stopped in order, and asking twice changes nothing."""
    if not stop.is_set():
        stop.set()
        raise Stopped


def _run(stop: Event, home: Path, *, reset: bool) -> None:
    port, sandbox_port = _port("PORT", 8000), _port("SANDBOX_PORT", 8001)
    began = monotonic()
    if reset:
        shutil.rmtree(home, ignore_errors=True)
    (home / "logs").mkdir(parents=True, exist_ok=True)
    supervisor = Supervisor(console.print)
    with ExitStack() as everything:
        values = _servers(everything, home, port, sandbox_port, reset=reset)
        everything.callback(supervisor.stop)
        _prepare(values)
        _start(supervisor, values, home, port, sandbox_port)
        _wait_for(f"http://127.0.0.1:{sandbox_port}/", supervisor)
        _wait_for(f"http://127.0.0.1:{port}/readyz", supervisor)
        _welcome(values, home, sandbox_port, monotonic() - began)
        supervisor.watch(stop.is_set)


def _port(variable: str, default: int) -> int:
    """Return the port that `variable` names. Raises DemoError when it is taken, before anything is started."""
    written = os.environ.get(variable) or str(default)
    if not written.isdigit() or not 0 < int(written) < 65536:
        raise DemoError(f"{variable}={written} is not a port")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(written)))
        except OSError:
            raise DemoError(
                f"port {written} is taken, perhaps by another demo; stop it or choose another: make demo {variable}=…"
            ) from None
    return int(written)


def _servers(everything: ExitStack, home: Path, port: int, sandbox_port: int, *, reset: bool) -> dict[str, str]:
    """Start PostgreSQL and Redis, unless their addresses were given, and return the service's environment."""
    service_url, owner_url = _database(everything, home, reset=reset)
    addresses = Addresses(
        service_url,
        owner_url,
        _redis(everything, home),
        f"http://127.0.0.1:{port}",
        f"http://127.0.0.1:{sandbox_port}",
    )
    return environment(home / "env", addresses)


def _database(everything: ExitStack, home: Path, *, reset: bool) -> tuple[str, str]:
    given = os.environ.get("DATABASE_URL")
    if given:
        console.print("PostgreSQL: the one that DATABASE_URL names")
        return given, os.environ.get("MIGRATIONS_DATABASE_URL", given)
    with _step("PostgreSQL"):
        server = EmbeddedPostgres(home / "postgres" / "data")
        if reset:
            server.erase()
        everything.callback(server.stop)
        server.start()
        urls = server.create_database("raseed", owner="raseed_owner", service_role="raseed")
    return urls.service_url, urls.owner_url


def _redis(everything: ExitStack, home: Path) -> str:
    given = os.environ.get("REDIS_URL")
    if given:
        console.print("Redis: the one that REDIS_URL names")
        return given
    with _step("Redis"):
        server = EmbeddedRedis(home / "redis")
        everything.callback(server.stop)
        server.start()
    return server.url


def _prepare(values: dict[str, str]) -> None:
    with _step("tables"):
        _raseed(values, "db", "upgrade")
    with _step("Noor Electricity and its customers"):
        _raseed(values, "import", str(COMPANY))


def _raseed(values: dict[str, str], *arguments: str) -> None:
    command = [str(Path(sys.executable).parent / "raseed"), *arguments]
    done = subprocess.run(command, env={**os.environ, **values}, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise DemoError(f"raseed {arguments[0]} failed:\n{done.stderr.strip()}")


def _start(supervisor: Supervisor, values: dict[str, str], home: Path, port: int, sandbox_port: int) -> None:
    config = home / "sandbox.json"
    config.touch(mode=0o600)  # it holds the token
    config.write_text(json.dumps(_sandbox_config(values), ensure_ascii=False, indent=1), encoding="utf-8")
    state = home / "sandbox"
    state.mkdir(exist_ok=True)
    python = sys.executable
    sandbox = [python, "-m", "sandbox.twilio", "--port", str(sandbox_port), "--config", str(config)]
    commands = {
        "sandbox": [*sandbox, "--state", str(state)],
        "web": [python, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "wsgi:app"],
        "worker": [python, str(PROJECT / "worker.py")],
    }
    with _step("web, workers and the sandbox"):
        for name, command in commands.items():
            supervisor.start(Program(name, command, values, home / "logs" / f"{name}.log", PROJECT))


def _sandbox_config(values: dict[str, str]) -> dict[str, object]:
    return {
        "account_sid": values["TWILIO_ACCOUNT_SID"],
        "auth_token": values["TWILIO_AUTH_TOKEN"],
        "webhook_base_url": values["PUBLIC_BASE_URL"],
        "senders": senders_of(COMPANY),
        "people": people_of(COMPANY),
        "clock_file": values.get("RASEED_CLOCK_FILE"),
    }


def _wait_for(url: str, supervisor: Supervisor) -> None:
    until = monotonic() + _ANSWERS_WITHIN
    while not _answers(url):
        if monotonic() > until:
            raise DemoError(f"{url} does not answer; look into the logs")
        supervisor.look_after_all()
        sleep(0.1)


def _answers(url: str) -> bool:
    with suppress(URLError, OSError), urlopen(url, timeout=2) as answer:  # noqa: S310  our own address
        return bool(answer.status == 200)
    return False


def _welcome(values: dict[str, str], home: Path, sandbox_port: int, seconds: float) -> None:
    lines = [
        f"[bold]The phone[/bold]      http://127.0.0.1:{sandbox_port}/   be a customer: write hi, or مرحبا",
        f"The service    {values['PUBLIC_BASE_URL']}/readyz · /metrics",
        f"The command    set -a; . {home.name}/env; set +a; .venv/bin/raseed doctor",
        f"The logs       {home.name}/logs",
        "",
        f"Up in {seconds:.1f} s. Ctrl-C stops everything; what was said is kept.",
    ]
    console.print(Panel("\n".join(lines), title="Raseed · رصيد", expand=False))


@contextmanager
def _step(what: str) -> Iterator[None]:
    began = monotonic()
    console.print(f"· {what} …", end=" ")
    yield
    console.print(f"{monotonic() - began:.1f} s")
