"""`raseed billing`: bills the postpaid meters of a month."""

import sys
from collections.abc import Callable
from contextlib import closing
from datetime import date
from typing import Any
from uuid import UUID

import click
from rich.console import Console
from rich.progress import Progress
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from bot.billing.running import work_run
from bot.errors import one_line
from bot.services import Services, make_services
from bot.settings import read_settings
from domain.billing.runs import PeriodNotOver, Run, ask_run
from domain.businesses import Business
from domain.door import Visit
from domain.money import Money, decimals

_ASKED_BY = "operator"
_MOST_SHOWN = 50


@click.group()
def billing() -> None:
    """Bill what postpaid meters counted.

    Example: raseed billing run --period 2026-10 --dry-run
    """


@billing.command("run")
@click.option("--period", required=True, metavar="YYYY-MM", help="The month to bill; it must be over.")
@click.option("--dry-run", is_flag=True, help="Say what would be billed, and bill nothing.")
@click.option("--business", "code", metavar="CODE", help="Whose meters; needed where there are several businesses.")
def run_command(period: str, dry_run: bool, code: str | None) -> None:
    """Bill every postpaid meter that has no bill for the month yet.

    It may be run again at any time: only what is missing is billed. Interrupted, it goes on where it was, by itself
    where workers run. What is held back is listed, with its reason.

    Example: raseed billing run --period 2026-10
    """
    month = _month(period)
    with closing(make_services(read_settings())) as services:
        try:
            ended = _worked(services, month, code, dry_run=dry_run)
        except PeriodNotOver as error:
            raise click.ClickException(str(error)) from error
        except SQLAlchemyError as error:
            raise click.ClickException(f"the database did not answer, run it again: {one_line(error)}") from error
        services.bell.close()
    _show(period, ended)


def _month(written: str) -> date:
    try:
        return date.fromisoformat(f"{written}-01")
    except ValueError:
        raise click.ClickException(f"--period: {written!r} is no month such as 2026-10") from None


def _worked(services: Services, month: date, code: str | None, *, dry_run: bool) -> Run:
    business_id = _business(services, code)
    with services.door.for_business(business_id) as session:
        run_id = ask_run(Visit.within(session), business_id, month, dry_run=dry_run, asked_by=_ASKED_BY)
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        return work_run(services, run_id, _shower(bar))


def _business(services: Services, code: str | None) -> UUID:
    with services.door.for_every_business() as session:
        found = dict(session.execute(select(Business.code, Business.id)).tuples().all())
    if code is None and len(found) == 1:
        return next(iter(found.values()))
    if code is None:
        raise click.ClickException(f"--business: there are {len(found)}: {', '.join(sorted(found)) or 'none'}")
    if code not in found:
        raise click.ClickException(f"there is no business {code}")
    return found[code]


def _shower(bar: Progress) -> Callable[[dict[str, int]], None]:
    task = bar.add_task("meters", total=None)

    def show(progress: dict[str, int]) -> None:
        back = progress.get("held", 0) + progress.get("failed", 0)
        said = f"meters: {progress.get('billed', 0):,} billed, {back:,} held back"
        bar.update(task, completed=progress["done"], total=progress.get("total"), description=said)

    return show


def _show(period: str, run: Run) -> None:
    if run.report is None:
        raise click.ClickException("interrupted; run it again, and it goes on where it was")
    report = run.report
    what = "would be billed" if run.dry_run else "billed"
    click.echo(f"{period}: {_line(report, report['currency'])} {what}; {report['estimated']:,} of them estimated")
    click.echo(f"  billed before: {report['billed_before']:,}; held back: {report['exceptions']:,}")
    last = report["last_month"]
    click.echo(f"  the month before: {_line(last, report['currency'])}{_compared(report, last)}")
    for code, number in report["codes"].items():
        click.echo(f"  {code}: {number:,}")
    for one in report["listed"][:_MOST_SHOWN]:
        detail = f": {one['detail']}" if one["detail"] else ""
        click.echo(f"    meter {one['meter_no']}, account {one['account_no']}: {one['code']}{detail}")
    if report["exceptions"] > _MOST_SHOWN:
        click.echo("    … and more; the staff API lists all of them")


def _line(totals: dict[str, Any], currency: str) -> str:
    amount = f"{Money(totals['total_minor'], currency).major:,.{decimals(currency)}f} {currency}"
    return f"{totals['billed']:,} meters, {amount}, {totals['wh'] / 1000:,.0f} kWh"


def _compared(report: dict[str, Any], last: dict[str, Any]) -> str:
    if not last["total_minor"] or not report["billed"]:
        return ""
    percent = round(100 * (report["total_minor"] - last["total_minor"]) / last["total_minor"])
    return f" ({percent:+}% since)" if percent else " (about the same)"
