"""`raseed templates`: what is registered at Twilio so that messages can carry buttons and lists, and be templates."""

from contextlib import closing

import click
import requests
from rich.console import Console
from rich.table import Table
from twilio.base.exceptions import TwilioException

from bot.errors import one_line
from bot.registering import AccountNotSet, Registrar, registrars
from bot.services import make_services
from bot.settings import read_settings
from domain.templates import Version

_COLOURS = {"approved": "green", "rejected": "red", "paused": "red", "disabled": "red"}


@click.group()
def templates() -> None:
    """What is registered at Twilio: buttons and lists, and the templates that WhatsApp approves."""


@templates.command()
def sync() -> None:
    """Register the WhatsApp content at Twilio, for every WhatsApp sender's account, and report approvals.

    What is there already stays. A template whose words have changed becomes a new version; messages on their way keep
    theirs, and the newest that is approved is used.

    Example: raseed templates sync
    """
    some = False
    with closing(make_services(read_settings())) as services:
        try:
            for registrar in registrars(services):
                some = True
                _sync(registrar)
        except AccountNotSet as error:
            raise click.ClickException(str(error)) from error
        except (TwilioException, requests.exceptions.RequestException) as error:
            raise click.ClickException(f"Twilio: {one_line(error)}") from error
    if not some:
        click.echo("There is no WhatsApp sender, so there is nothing to register.")


def _sync(registrar: Registrar) -> None:
    made, wanted = 0, registrar.everything()
    with click.progressbar(wanted, label=f"Account {registrar.account_sid}", show_pos=True) as waiting:
        for one in waiting:
            made += registrar.register(one)
    click.echo(f"{made} registered, {len(wanted) - made} were there. Buttons and lists are used within 24 hours of a")
    click.echo("customer's message, where WhatsApp asks for no approval; templates at any other time, once approved:")
    Console().print(_table(registrar.refresh()))


def _table(versions: list[Version]) -> Table:
    table = Table("template", "language", "version", "approval", "why", box=None)
    for one in versions:
        status = f"[{_COLOURS[one.status]}]{one.status}[/]" if one.status in _COLOURS else one.status
        table.add_row(one.name, one.language, str(one.version), status, one.reason or "")
    return table
