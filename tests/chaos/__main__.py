"""make chaos: `python -m tests.chaos --seed 7 --messages 5000 --conversations 500 --seconds 240`."""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from tests.chaos.house import NotOurs
from tests.chaos.money_books import MONEY_MUST_BE_ZERO
from tests.chaos.plan import LONG, MONEY
from tests.chaos.run import Outcome, run, summary
from tests.chaos.verdict import MUST_BE_ZERO


@click.command()
@click.option("--seed", type=int, default=1, show_default=True, help="All chance comes from it.")
@click.option("--messages", default=LONG.messages, show_default=True, help="Messages of our own accord.")
@click.option("--conversations", default=LONG.conversations, show_default=True, help="Conversations that people begin.")
@click.option("--seconds", default=LONG.seconds, show_default=True, help="How long the storm lasts.")
@click.option("--rounds", default=LONG.rounds, show_default=True, help="How often each kind of kill happens.")
@click.option("--buyers", default=LONG.buyers, show_default=True, help="Customers who buy and pay.")
@click.option("--purchases", default=LONG.purchases, show_default=True, help="Purchases of electricity.")
@click.option("--payments", default=LONG.payments, show_default=True, help="Invoices paid, and wallets filled.")
@click.option("--money", is_flag=True, help="Nothing but money: 1,000 purchases and 300 payments by 50 customers.")
@click.option("--logs", type=click.Path(path_type=Path, file_okay=False), help="Where to keep what the programs say.")
def main(seed: int, logs: Path | None, *, money: bool, **numbers: Any) -> None:
    """Kill everything that can be killed while messages go out, then count.

    Example: make chaos SEED=7
    """
    size = MONEY if money else replace(LONG, **numbers)
    with tempfile.TemporaryDirectory(prefix="raseed-chaos-") as temporary:
        folder = logs or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        columns = (TextColumn("{task.description:50}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True)) as progress:
            bar = progress.add_task("", total=1.0)
            try:
                outcome = run(
                    seed,
                    size,
                    folder.absolute(),
                    lambda what, done: progress.update(bar, description=what, completed=done),
                )
            except NotOurs as error:
                click.echo(f"chaos: {error}", err=True)
                sys.exit(1)
    _print(outcome)
    sys.exit(0 if outcome.is_good else 1)


def _print(outcome: Outcome) -> None:
    for name, value in summary(outcome):
        wrong = " <-- must be 0" if name in (*MUST_BE_ZERO, *MONEY_MUST_BE_ZERO) and value else ""
        click.echo(f"{name:22} {value}{wrong}")
    for line in outcome.histories:
        click.echo(line)


if __name__ == "__main__":
    main()
