"""`raseed db`: the schema of the database."""

from contextlib import closing

import click
from alembic import command
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

import migrations
from bot.errors import one_line
from bot.schema import wanted_revision
from bot.services import make_services
from bot.settings import read_settings
from domain.door import psycopg_url
from domain.doubts import doubt_everything


@click.group()
def db() -> None:
    """The schema of the database."""


@db.command()
def upgrade() -> None:
    """Bring the database to the newest schema, and grant the service's role what it needs.

    Connects as MIGRATIONS_DATABASE_URL, the owner of the tables; the role granted to is that of DATABASE_URL.

    Example: raseed db upgrade
    """
    settings = read_settings()
    service = settings.database_url.get_secret_value()
    owner = settings.migrations_database_url.get_secret_value() if settings.migrations_database_url else service
    role = make_url(psycopg_url(service)).username
    try:
        command.upgrade(migrations.config(owner, role), "head")
    except SQLAlchemyError as error:
        raise click.ClickException(f"the database could not be upgraded: {one_line(error)}") from error
    click.echo(f"The database is at revision {wanted_revision()}.")


@db.command()
def restored() -> None:
    """After a restore from a backup, before the workers start: put all that was in flight in doubt.

    What waits in a restored outbox may have been sent since the backup was taken. So nothing of it is sent before
    Twilio's own list says that it was not. What people wrote since then, and what became of messages, is asked of
    Twilio by itself.

    Example: raseed db restored
    """
    with closing(make_services(read_settings())) as services:
        try:
            with services.door.for_every_business() as session:
                number = doubt_everything(session)
        except SQLAlchemyError as error:
            raise click.ClickException(one_line(error)) from error
    click.echo(f"{number} messages are in doubt; the workers settle them by what Twilio has.")
