"""What the demo tells the person who started it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic

from rich.console import Console
from rich.panel import Panel

from sandbox.demo.ports import Ports
from sandbox.demo.staff import Admin

_console = Console(highlight=False)


def say(text: str, end: str = "\n") -> None:
    """Print a line. A terminal that is gone must not keep us from stopping in good order."""
    with suppress(OSError):
        _console.print(text, end=end, markup=False, soft_wrap=True)
        sys.stdout.flush()


@contextmanager
def step(doing: str) -> Iterator[None]:
    """Say what is being done, and how long it took."""
    started = monotonic()
    say(f"· {doing} …", end="")
    try:
        yield
    except BaseException:
        say("")
        raise
    say(f" {monotonic() - started:.1f} s")


def complain(text: str) -> None:
    """Print on standard error what is wrong."""
    with suppress(OSError):
        print(f"raseed: {text}", file=sys.stderr, flush=True)


def welcome(ports: Ports, folder: Path, who: Admin | None, seconds: float) -> None:
    """Say where to click."""
    lines = [
        f"[bold]The phone[/bold]      http://127.0.0.1:{ports.sandbox}/   be a customer: write hi, or مرحبا",
        f"[bold]The console[/bold]    http://127.0.0.1:{ports.service}/console   for staff",
        f"Payments       http://127.0.0.1:{ports.moyasar}/   invoices to pay, and a bank",
        f"The mails      http://127.0.0.1:{ports.mail}/   all that the service sends",
        f"[bold]The meters[/bold]     http://127.0.0.1:{ports.sandbox}/vendor/   type a token in",
        f"[bold]The network[/bold]    http://127.0.0.1:{ports.sandbox}/acrel/    postpaid meters",
        f"The service    http://127.0.0.1:{ports.service}/readyz · /metrics",
        *([f"An admin       {who.email} · {who.password}"] if who else []),
        f"The command    set -a; . {folder.name}/env; set +a; .venv/bin/raseed doctor",
        f"The logs       {folder.name}/logs",
        "",
        f"Up in {seconds:.1f} s. Ctrl-C stops everything; what was said is kept.",
    ]
    with suppress(OSError):
        _console.print(Panel("\n".join(lines), title="Raseed · رصيد", expand=False))
        sys.stdout.flush()
