"""make chaos: `python -m tests.chaos --seed 7 --messages 5000 --conversations 500 --seconds 240`."""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from tests.chaos.house import NotOurs
from tests.chaos.plan import LONG
from tests.chaos.run import Outcome, run, summary
from tests.chaos.verdict import MUST_BE_ZERO


@click.command()
@click.option("--seed", type=int, default=1, show_default=True, help="All chance comes from it.")
@click.option("--messages", default=LONG.messages, show_default=True, help="Messages of our own accord.")
@click.option("--conversations", default=LONG.conversations, show_default=True, help="Conversations that people begin.")
@click.option("--seconds", default=LONG.seconds, show_default=True, help="How long the storm lasts.")
@click.option("--rounds", default=LONG.rounds, show_default=True, help="How often each kind of kill happens.")
@click.option("--logs", type=click.Path(path_type=Path, file_okay=False), help="Where to keep what the programs say.")
def main(seed: int, messages: int, conversations: int, seconds: float, rounds: int, logs: Path | None) -> None:
    """Kill everything that can be killed while messages go out, then count.

    Example: make chaos SEED=7
    """
    size = replace(LONG, messages=messages, conversations=conversations, seconds=seconds, rounds=rounds)
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
    sys.exit(0 if outcome.verdict.is_good else 1)


def _print(outcome: Outcome) -> None:
    for name, value in summary(outcome):
        wrong = " <-- must be 0" if name in MUST_BE_ZERO and value else ""
        click.echo(f"{name:22} {value}{wrong}")
    for line in outcome.histories:
        click.echo(line)


if __name__ == "__main__":
    main()
