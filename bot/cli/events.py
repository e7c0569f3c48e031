"""Tells staff what changes, until it is stopped."""

import asyncio
import contextlib
import os
import sys

from bot.live.server import serve
from bot.logs import configure_logs
from bot.services import make_services
from bot.settings import SettingsError, read_settings

_NICE = 10


def main() -> None:
    """Run the process that serves /api/v1/events."""
    try:
        settings = read_settings()
    except SettingsError as error:
        print(f"raseed: {error}", file=sys.stderr)  # noqa: T201  the operator reads it here, at start
        sys.exit(1)
    configure_logs(settings.log_level, settings.log_format)
    # Who listens may wait a moment; who chats may not. On a host of both, the web service goes first.
    with contextlib.suppress(OSError):
        os.nice(_NICE)
    services = make_services(settings, pool_size=4)
    try:
        asyncio.run(serve(services, os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8002"))))
    except OSError as error:
        print(f"raseed: {error.strerror or error}", file=sys.stderr)  # noqa: T201
        sys.exit(1)
    finally:
        services.close()
