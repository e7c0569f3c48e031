"""Hears from PostgreSQL what was committed, and tells the hub."""

import asyncio
import contextlib
from typing import Final

import psycopg
import structlog
from sqlalchemy import make_url

from bot.live.hub import Hub
from domain.door import psycopg_url

log = structlog.get_logger()

CHANNEL: Final = "raseed_events"
_AGAIN_AFTER: Final = 1.0
# A connection that says nothing is asked whether it is still there, so that a host that vanished is noticed.
_ASK_EVERY: Final = 10.0


async def keep_hearing(database_url: str, hub: Hub, heard: asyncio.Event) -> None:
    """Hear until cancelled. Whenever the connection was lost, everybody is told to reload: something may be missed."""
    url = make_url(psycopg_url(database_url)).set(drivername="postgresql").render_as_string(hide_password=False)
    while True:
        with contextlib.suppress(psycopg.Error, OSError):
            await _hear(url, hub, heard)
        heard.clear()
        log.warning("the database is away, nobody is told anything")
        await asyncio.sleep(_AGAIN_AFTER)


async def _hear(url: str, hub: Hub, heard: asyncio.Event) -> None:
    url = psycopg.conninfo.make_conninfo(url, connect_timeout=3, application_name="raseed-events")
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute(f"LISTEN {CHANNEL}")
        hub.everything_may_have_changed()
        heard.set()
        while True:
            async for notice in connection.notifies(timeout=_ASK_EVERY):
                hub.hear(notice.payload)
            await connection.execute("SELECT 1")
