"""create_app(): the Flask factory, nothing else."""

from flask import Flask

from bot.api.serving import register_api
from bot.console.serving import register_console
from bot.files import files
from bot.health import health
from bot.invoices import invoices
from bot.legal import legal
from bot.logs import configure_logs
from bot.paid import paid
from bot.problems import register_problems
from bot.services import make_services
from bot.settings import Settings, read_settings
from bot.webhooks.acrel import acrel
from bot.webhooks.messages import messages
from bot.webhooks.moyasar import moyasar
from bot.webhooks.statuses import statuses

# A message of Twilio's is a few kilobytes; nothing larger is read.
_LONGEST_BODY = 256 * 1024
_THREADS = 8


def create_app(settings: Settings | None = None) -> Flask:
    """Return the web application. Raises SettingsError when the environment lacks something."""
    settings = settings or read_settings()
    configure_logs(settings.log_level, settings.log_format)
    app = Flask("raseed", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = _LONGEST_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = _LONGEST_BODY
    app.extensions["raseed"] = make_services(settings, pool_size=_THREADS)
    for blueprint in (acrel, files, health, invoices, legal, messages, moyasar, paid, statuses):
        app.register_blueprint(blueprint)
    register_api(app)
    register_console(app)
    register_problems(app)
    return app
