"""`raseed templates`: what is registered at Twilio so that messages can carry buttons and lists."""

from contextlib import closing

import click
import requests
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from twilio.base.exceptions import TwilioException

from bot.channels.contents import Shape, shapes
from bot.channels.twilio_accounts import Account
from bot.channels.twilio_client import Twilio
from bot.errors import one_line
from bot.services import Services, make_services
from bot.settings import read_settings
from domain.businesses import Business
from domain.clock import now
from domain.contents import Content
from domain.ids import new_id
from domain.senders import WHATSAPP, Sender


@click.group()
def templates() -> None:
    """What is registered at Twilio so that messages can carry buttons and lists."""


@templates.command()
def sync() -> None:
    """Register the WhatsApp content at Twilio, for every WhatsApp sender's account; what is there already stays.

    Example: raseed templates sync
    """
    with closing(make_services(read_settings())) as services:
        _sync_all(services)


def _sync_all(services: Services) -> None:
    with services.door.for_every_business() as session:
        wanted = _accounts(services, session)
    if not wanted:
        click.echo("There is no WhatsApp sender, so there is nothing to register.")
    for account, businesses in wanted.items():
        try:
            _sync(services, account, businesses)
        except (TwilioException, requests.exceptions.RequestException) as error:
            raise click.ClickException(f"Twilio account {account.sid}: {one_line(error)}") from error


def _accounts(services: Services, session: Session) -> dict[Account, list[Business]]:
    """Return the accounts that have WhatsApp senders, and the businesses of each."""
    found: dict[Account, list[Business]] = {}
    rows = session.execute(
        select(Sender, Business).join(Business, Business.id == Sender.business_id).where(Sender.channel == WHATSAPP)
    )
    for sender, business in rows:
        account = services.accounts.of_sender(sender.account_sid_var, sender.auth_token_var)
        if account is None:
            raise click.ClickException(
                f"{sender.address}: {sender.account_sid_var} or {sender.auth_token_var} is not set"
            )
        if business not in found.setdefault(account, []):
            found[account].append(business)
    return found


def _sync(services: Services, account: Account, businesses: list[Business]) -> None:
    twilio = Twilio(account, services.settings.twilio_api_base_url)
    there, made = twilio.contents(), 0
    with click.progressbar(list(shapes()), label=f"Account {account.sid}", show_pos=True) as wanted:
        for shape in wanted:
            sid = there.get(shape.friendly_name)
            if sid is None:
                sid = twilio.register(shape.friendly_name, shape.language, shape.types, shape.samples)
                made += 1
            with services.door.for_every_business() as session:
                _remember(session, account, businesses, shape, sid)
    click.echo(f"{made} registered, {len(list(shapes())) - made} were there. They are used within 24 hours of a")
    click.echo("customer's message, where WhatsApp asks for no approval.")


def _remember(session: Session, account: Account, businesses: list[Business], shape: Shape, sid: str) -> None:
    statement = insert(Content).on_conflict_do_update(
        index_elements=["business_id", "account_sid", "name", "language"], set_={"content_sid": sid}
    )
    rows = [
        {
            "id": new_id(),
            "created_at": now(),
            "business_id": business.id,
            "account_sid": account.sid,
            "name": shape.name,
            "language": shape.language,
            "content_sid": sid,
        }
        for business in businesses
    ]
    session.execute(statement, rows)
