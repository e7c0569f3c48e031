"""`raseed ledger`: proves the book."""

import sys

import click
from rich.console import Console
from rich.progress import Progress, TaskID
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import one_line
from bot.services import make_services
from bot.settings import read_settings
from domain.door import Door
from domain.ledger.verifying import verify


@click.group()
def ledger() -> None:
    """Look after the ledger.

    Example: raseed ledger verify
    """


@ledger.command("verify")
def verify_command() -> None:
    """Prove the whole book: every entry, every wallet, what is owed, and the numbers of documents.

    Names the first thing that is wrong, and exits with 1.

    Example: raseed ledger verify
    """
    services = make_services(read_settings())
    try:
        entries = _prove(services.door)
    except SQLAlchemyError as error:
        raise click.ClickException(f"the database did not answer: {one_line(error)}") from error
    finally:
        services.close()
    click.echo(f"The ledger is whole: {entries:,} entries.")


def _prove(door: Door) -> int:
    """Return how many entries there are. Raises ClickException with the first thing that is wrong."""
    entries = 0
    with door.for_a_look() as session, _bar() as bar:
        tasks: dict[str, TaskID] = {}
        for step in verify(session):
            entries = step.total if step.what == "entries" else entries
            label = "entries" if step.what == "entries" else "the rest"
            task = tasks[label] if label in tasks else tasks.setdefault(label, bar.add_task(label))
            bar.update(task, completed=step.done, total=step.total, description=step.what)
            if step.bad:
                raise click.ClickException(step.bad)
    return entries


def _bar() -> Progress:
    return Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())
