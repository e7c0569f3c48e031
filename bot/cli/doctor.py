"""`raseed doctor`: tests every connection."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import click
import requests
from redis import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from twilio.base.exceptions import TwilioException

from bot.channels.contents import shapes
from bot.channels.smtp import MailServer
from bot.channels.twilio_accounts import Account
from bot.channels.twilio_client import NotSent, Twilio
from bot.errors import one_line
from bot.providers.gateways import make_gateway
from bot.providers.networks import make_network
from bot.providers.vendors import make_vendor
from bot.schema import present_revision, wanted_revision
from bot.services import Services, make_services
from bot.settings import read_settings
from domain.gateways.errors import GatewayError
from domain.vendors.capabilities import EVERYTHING
from domain.vendors.errors import VendorError

_SENDERS = text(
    """
    SELECT channel, address, account_sid_var, auth_token_var FROM sender
    WHERE enabled AND channel <> 'email' ORDER BY 1, 2
    """
)
_CONTENT = text("SELECT count(DISTINCT (name, language)) FROM content")
_OWNS_TABLES = text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user")
_OLDEST_POSTGRES = 150_000
_COLOURS = {"ok": "green", "FAIL": "red", "off": None}


class Off(Exception):
    """A part is off: its variables are not set."""


class Failed(Exception):
    """A check found something wrong."""


_FAILURES = (
    Failed,
    SQLAlchemyError,
    RedisError,
    TwilioException,
    GatewayError,
    VendorError,
    requests.RequestException,
)


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor's."""

    name: str
    run: Callable[[Services], str]


@click.command()
def doctor() -> None:
    """Test every connection: one line each; exit 1 if any fails.

    Example: raseed doctor
    """
    with closing(make_services(read_settings())) as services:
        lines = [_line(check, services) for check in CHECKS]
    for how, line in lines:
        click.echo(f"{click.style(f'{how:4}', fg=_COLOURS[how])}  {line}")
    sys.exit(1 if any(how == "FAIL" for how, _ in lines) else 0)


def _line(check: Check, services: Services) -> tuple[str, str]:
    try:
        return "ok", f"{check.name}: {check.run(services)}"
    except Off as error:
        return "off", f"{check.name}: {error}"
    except _FAILURES as error:
        return "FAIL", f"{check.name}: {one_line(error)}"


def _database(services: Services) -> str:
    with services.door.engine.connect() as connection:
        version = int(connection.scalar(text("SHOW server_version_num")) or 0)
        owned = connection.scalar(_OWNS_TABLES)
    if version < _OLDEST_POSTGRES:
        raise Failed(f"PostgreSQL {version // 10_000} is too old; 15 or newer is needed")
    note = "; its role owns tables, so row-level security does not hold it" if owned else ""
    return f"PostgreSQL {version // 10_000}.{version % 10_000}{note}"


def _migrations(services: Services) -> str:
    present, wanted = present_revision(services.door.engine), wanted_revision()
    if present != wanted:
        raise Failed(f"the database is at {present or 'nothing'}, the code wants {wanted}: run `raseed db upgrade`")
    return f"at revision {present}"


def _redis(services: Services) -> str:
    services.redis.ping()
    return f"Redis {services.redis.info('server')['redis_version']}"


def _twilio(services: Services) -> str:
    return _account_works(services, services.accounts.own)


def _senders(services: Services) -> str:
    with services.door.for_every_business() as session:
        rows = session.execute(_SENDERS).all()
    if not rows:
        raise Failed("there are none: import a business with its senders.csv")
    for complaint in _unset(services, rows):
        raise Failed(complaint)
    others = {(row[2], row[3]) for row in rows if row[2]}
    for variables in sorted(others):
        account = services.accounts.of_sender(*variables)
        if account is not None:
            _account_works(services, account)
    return f"{len(rows)} enabled, on {len(others) + any(not row[2] for row in rows)} account(s)"


def _unset(services: Services, rows: Sequence[Any]) -> Iterator[str]:
    for channel, address, sid_var, token_var in rows:
        if services.accounts.of_sender(sid_var, token_var) is None:
            yield f"{channel} sender …{address[-3:]}: {sid_var} or {token_var} is not set"


def _account_works(services: Services, account: Account) -> str:
    status = Twilio(account, services.settings.twilio_api_base_url).account_status()
    if status != "active":
        raise Failed(f"account …{account.sid[-4:]} is {status}")
    return f"account …{account.sid[-4:]} is active"


def _content(services: Services) -> str:
    with services.door.for_every_business() as session:
        registered = session.scalar(_CONTENT)
    wanted = len(list(shapes()))
    if not registered:
        return "nothing is registered, choices go as numbered text; `raseed templates sync` makes them buttons"
    return f"{registered} of {wanted} shapes of buttons and lists are registered"


def _gateways(services: Services) -> str:
    gateway = make_gateway(services.settings)
    if gateway is None:
        raise Off("MOYASAR_SECRET_KEY is not set")
    gateway.test_connection()
    heard = "" if services.settings.moyasar_webhook_secret else ", notices are not heard: no MOYASAR_WEBHOOK_SECRET"
    return f"Moyasar answers, {'real money' if gateway.is_live else 'test money'}{heard}"


def _mails(services: Services) -> str:
    if services.settings.smtp_host is None:
        raise Off("SMTP_HOST is not set")
    try:
        return MailServer(services.settings).test_connection()
    except NotSent as error:
        raise Failed(f"{services.settings.smtp_host}: {error.__cause__}") from error


def _vendor(services: Services) -> str:
    vendor = make_vendor(services.settings, services.door)
    if vendor is None:
        raise Off("STS_VENDOR is not set")
    found = vendor.test_connection()
    credit = "" if found.credit_minor is None else f", our credit {Decimal(found.credit_minor) / 100} {found.currency}"
    return f"{found.vendor}, does {len(found.capabilities)} of {len(EVERYTHING)}{credit}"


def _network(services: Services) -> str:
    network = make_network(services.settings)
    if network is None:
        raise Off("ACREL_API_BASE_URL is not set")
    found = network.test_connection()
    heard = "" if services.settings.acrel_webhook_secret else ", reports are not heard: no ACREL_WEBHOOK_SECRET"
    return f"{found.vendor} knows us, does {len(found.capabilities)} things{heard}"


CHECKS = (
    Check("database", _database),
    Check("migrations", _migrations),
    Check("Redis", _redis),
    Check("Twilio", _twilio),
    Check("senders", _senders),
    Check("WhatsApp content", _content),
    Check("gateways", _gateways),
    Check("token vendor", _vendor),
    Check("meter network", _network),
    Check("SMTP", _mails),
)
