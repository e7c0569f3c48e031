"""The schema of the database, step by step."""

from pathlib import Path

from alembic.config import Config


def config(url: str, service_role: str | None = None) -> Config:
    """Return the Alembic configuration for the database at `url`, which must be its owner's.

    `service_role` is granted, after the upgrade, what the service needs.
    """
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent))
    settings.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    settings.attributes["url"] = url
    settings.attributes["service_role"] = service_role
    return settings
