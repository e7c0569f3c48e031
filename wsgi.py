"""The web service: `gunicorn wsgi:app`."""

import sys

from bot.app import create_app
from bot.settings import SettingsError

try:
    app = create_app()
except SettingsError as error:
    print(f"raseed: {error}", file=sys.stderr)  # noqa: T201  the operator reads it here, at start
    sys.exit(4)  # gunicorn takes 4 for an application that can't be loaded, and stops instead of trying again
