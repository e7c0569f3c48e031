"""`raseed db`: the schema of the database."""

import click
from alembic import command
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

import migrations
from bot.errors import one_line
from bot.schema import wanted_revision
from bot.settings import read_settings
from domain.door import psycopg_url


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
