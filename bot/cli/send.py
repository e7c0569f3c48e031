"""`raseed send`: says something to somebody."""

from contextlib import closing
from uuid import UUID

import click
from sqlalchemy import select

from bot.jobs.queues import queue_of
from bot.saying import NoWay, Recipient, TooLong, letter, plain
from bot.services import Services, make_services
from bot.settings import ADDRESS, read_settings
from domain.businesses import Business
from domain.door import Visit
from domain.phones import PhoneError, to_e164
from domain.senders import EMAIL, SMS, WHATSAPP
from domain.speaking import Letter, speak
from domain.ways import BEST_FIRST

_AUTO = "auto"
_KIND = "staff"


@click.command()
@click.argument("to")
@click.argument("words", metavar="TEXT")
@click.option("--business", "code", required=True, metavar="CODE", help="The business that says it.")
@click.option(
    "--channel", type=click.Choice([_AUTO, WHATSAPP, SMS, EMAIL]), default=_AUTO, show_default=True, help="Over which."
)
def send(to: str, words: str, code: str, channel: str) -> None:
    """Send TEXT to TO, a phone in any usual form or an e-mail address; the workers do the rest.

    Auto takes WhatsApp where that is possible now, else SMS, else e-mail. Whoever opted out gets nothing: the message
    is written down with its reason, and the exit code is 1.

    Example: raseed send 0500000101 'Works on Friday from 9 to 11.' --business NOOR
    """
    if not words.strip():
        raise click.ClickException("there is nothing to say")
    with closing(make_services(read_settings())) as services:
        said = _said(services, to, words, code, BEST_FIRST if channel == _AUTO else (channel,))
        if said.status == "queued":
            services.bell.ring(queue_of(_KIND, said.channel))
        services.bell.close()
    click.echo(f"{said.message_id} {said.status} by {said.channel}" + (f": {said.reason}" if said.reason else ""))
    if said.reason:
        raise SystemExit(1)


def _said(services: Services, to: str, words: str, code: str, channels: tuple[str, ...]) -> Letter:
    with services.door.for_every_business() as session:
        business = session.scalar(select(Business).where(Business.code == code))
        if business is None:
            raise click.ClickException(f"there is no business {code}")
        found = (business.id, business.country, business.language)
    return _written(services, *found, to, words, channels)


def _written(
    services: Services, business_id: UUID, country: str, language: str, to: str, words: str, channels: tuple[str, ...]
) -> Letter:
    phone, email = (None, to.strip()) if ADDRESS.fullmatch(to.strip()) else (_address(to, country), None)
    recipient = Recipient(business_id, phone, language, channels, email)
    with services.door.for_business(business_id) as session:
        visit = Visit.within(session)
        try:
            said = letter(visit, services.accounts, recipient, plain(_KIND, words))
        except (NoWay, TooLong) as error:
            raise click.ClickException(str(error)) from error
        speak(visit, business_id, [said])
    return said


def _address(to: str, country: str) -> str:
    try:
        return to_e164(to, country)
    except PhoneError as error:
        raise click.ClickException(str(error)) from error
