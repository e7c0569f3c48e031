"""`raseed audit`: the audit log."""

import sys
from collections.abc import Sequence
from contextlib import closing
from uuid import UUID

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import one_line
from bot.keys import keys_of
from bot.services import Services, make_services
from bot.settings import read_settings
from domain.businesses import Business
from domain.seals import Chain, number_of_seals, verify


@click.group()
def audit() -> None:
    """The audit log: every write by staff."""


@audit.command("verify")
@click.option("--business", help="The code of the only business to look at. Default: every one.")
def verify_command(business: str | None) -> None:
    """Go along the chain of seals, and name the first row that is not as it was sealed; then exit 1.

    The end of a chain that is whole is printed: who has written it down can tell later that nothing was cut off there.

    Example: raseed audit verify
    """
    with closing(make_services(read_settings())) as services:
        try:
            bad = _verify_all(services, business)
        except SQLAlchemyError as error:
            raise click.ClickException(f"the database did not do it: {one_line(error)}") from error
    sys.exit(1 if bad else 0)


def _verify_all(services: Services, only: str | None) -> bool:
    """Verify each chain, say what came of it, and return whether one is broken."""
    with services.door.for_every_business() as session:
        statement = select(Business.id, Business.code).order_by(Business.code)
        businesses = [(row.id, row.code) for row in session.execute(statement)]
    chosen = [(business_id, code) for business_id, code in businesses if only in {None, code}]
    if only is not None and not chosen:
        raise click.ClickException(f"there is no business {only}")
    chains = _verified(services, chosen)
    for code, chain in chains:
        click.echo(_told(code, chain), err=chain.complaint is not None)
    return any(chain.complaint for _, chain in chains)


def _verified(services: Services, businesses: Sequence[tuple[UUID, str]]) -> list[tuple[str, Chain]]:
    key, chains = keys_of(services.settings).audit, []
    with _bars() as bars:
        for business_id, code in businesses:
            with services.door.for_business(business_id) as session:
                task = bars.add_task(code, total=number_of_seals(session, business_id))
                chain = verify(session, key, business_id, lambda done, task=task: bars.advance(task, done))  # type: ignore[misc]
                chains.append((code, chain))
    return chains


def _told(code: str, chain: Chain) -> str:
    if chain.complaint:
        return f"raseed: {code}: {chain.complaint}"
    return f"{code}: {chain.number:,} sealed entries are whole; the chain ends in {chain.head.hex()}"


def _bars() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())
