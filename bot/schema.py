"""Whether the database has the schema that this code wants."""

from functools import cache

from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

import migrations


@cache
def wanted_revision() -> str | None:
    """Return the newest migration that came with this code."""
    return ScriptDirectory.from_config(migrations.config("")).get_current_head()


def present_revision(engine: Engine) -> str | None:
    """Return the migration that the database is at; None for an empty one."""
    try:
        with engine.connect() as connection:
            revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
            return revision
    except ProgrammingError:
        return None


def schema_is_current(engine: Engine) -> bool:
    """Tell whether the database is at the newest migration. Raises SQLAlchemyError when it doesn't answer."""
    return present_revision(engine) == wanted_revision()
