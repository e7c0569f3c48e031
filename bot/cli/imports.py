"""`raseed import`: takes a folder of CSV files in."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress, ProgressColumn, SpinnerColumn, Task, TextColumn, TimeElapsedColumn
from rich.text import Text
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import one_line
from bot.importer import ImportRefused, ImportReport, import_folder
from bot.importer.reading import Row
from bot.services import make_services
from bot.settings import read_settings

_MOST_SHOWN = 200


@click.command("import")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check everything and say what would be done, but do nothing.")
def import_command(folder: Path, dry_run: bool) -> None:
    """Take one business's FOLDER of CSV files in: whole, or not at all.

    Running it twice changes nothing. Every bad row is reported as file:line: what is wrong.

    Example: raseed import ./noor --dry-run
    """
    services = make_services(read_settings())
    try:
        with _bars() as bars:
            report = import_folder(services.door, folder, dry_run=dry_run, progress=_Shower(bars))
    except ImportRefused as refusal:
        _show_problems(refusal)
        sys.exit(1)
    except SQLAlchemyError as error:
        raise click.ClickException(f"the database did not do it, nothing was imported: {one_line(error)}") from error
    finally:
        services.close()
    _show(report, dry_run=dry_run)


def _show(report: ImportReport, *, dry_run: bool) -> None:
    for warning in report.warnings:
        click.echo(f"raseed: {warning}", err=True)
    for name, counts in report.files.items():
        click.echo(f"{name:18} {counts.new:9,} new {counts.changed:9,} changed {counts.unchanged:9,} unchanged")
    click.echo(f"{report.business}: {'checked, and nothing was changed' if dry_run else 'imported'}.")


def _show_problems(refusal: ImportRefused) -> None:
    for problem in refusal.problems[:_MOST_SHOWN]:
        click.echo(problem, err=True)
    if refusal.number > _MOST_SHOWN:
        click.echo(f"… and {refusal.number - _MOST_SHOWN:,} more", err=True)
    click.echo(f"raseed: {refusal}", err=True)


def _bars() -> Progress:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        _Rows(),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())


class _Rows(ProgressColumn):
    """How many rows went by, and how many a second."""

    def render(self, task: Task) -> Text:
        """Return it for one file."""
        seconds = task.finished_time or task.elapsed
        speed = f"{task.completed / seconds:>9,.0f} rows/s" if seconds else ""
        return Text(f"{task.completed:>12,.0f} rows {speed}")


class _Shower:
    """Shows the rows of each file as they go by."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars

    def __call__(self, name: str, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield `rows`, and count them on a bar."""
        task, number = self._bars.add_task(name, total=None), 0
        for number, row in enumerate(rows, start=1):
            if number % 1000 == 0:
                self._bars.update(task, completed=number)
            yield row
        self._bars.update(task, completed=number, total=number)
