"""Watches what is decided elsewhere: whether WhatsApp approved our templates, and what is left on Twilio's accounts."""

from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

import requests
import structlog
from sqlalchemy import select
from twilio.base.exceptions import TwilioException

from bot.channels.twilio_accounts import Account
from bot.channels.twilio_client import Listed
from bot.errors import one_line
from bot.jobs.worker_services import WorkerServices, client_of
from bot.registering import registrars
from domain.balances import remember_balance
from domain.health import SenderHealth
from domain.notifications import CRITICAL, notify
from domain.senders import EMAIL, WHATSAPP, Sender

log = structlog.get_logger()

LOW: Final = "balance_low"
_NUMBERS: Final = (
    select(Sender, SenderHealth)
    .join(SenderHealth, SenderHealth.sender_id == Sender.id)
    .where(Sender.channel == WHATSAPP)
    .order_by(Sender.id)
)


def watch_templates(services: WorkerServices, _: datetime) -> None:
    """Ask what became of every template's approval."""
    for registrar in registrars(services):
        registrar.refresh()


def watch_balances(services: WorkerServices, _: datetime) -> None:
    """Ask what is left on every account that sends for us, and raise the alarm where it is little."""
    for account, businesses in _accounts(services).items():
        amount, currency = client_of(account, services.settings.twilio_api_base_url).balance()
        low = amount < services.settings.twilio_low_balance
        if low:
            log.error("little is left on the Twilio account", account=account.sid[-4:], currency=currency)
        with services.door.for_every_business() as session:
            remember_balance(session, account.sid, amount, currency)
            for business_id in businesses if low else ():
                facts = {"code": account.sid[-4:], "amount": str(_rounded(amount)), "currency": currency}
                notify(session, business_id, LOW, CRITICAL, facts)


def watch_numbers(services: WorkerServices, _: datetime) -> None:
    """Ask what Twilio says of each WhatsApp number: whether it is online, how good it is taken to be, and to how many
    people a day it may write first. What isn't told is no limit. An account that can't be asked holds up no other.
    """
    for account, businesses in _accounts(services).items():
        try:
            told = client_of(account, services.settings.twilio_api_base_url).whatsapp_senders()
        except (TwilioException, requests.RequestException) as error:
            log.error("Twilio can't be asked about its senders", account=account.sid[-4:], error=one_line(error))
            continue
        with services.door.for_every_business() as session:
            for sender, health in session.execute(_NUMBERS):
                of = services.accounts.of_sender(sender.account_sid_var, sender.auth_token_var)
                if sender.business_id in businesses and of == account:
                    _note(sender, health, told.get(f"whatsapp:{sender.address}"))


def _note(sender: Sender, health: SenderHealth, said: Listed | None) -> None:
    sender.messaging_limit = said.limit if said else None
    health.provider_status, health.quality = (said.status, said.quality) if said else (None, None)


def _accounts(services: WorkerServices) -> dict[Account, set[UUID]]:
    found: dict[Account, set[UUID]] = {}
    with services.door.for_every_business() as session:
        for sender in session.scalars(select(Sender).where(Sender.enabled, Sender.channel != EMAIL)):
            account = services.accounts.of_sender(sender.account_sid_var, sender.auth_token_var)
            if account is not None:
                found.setdefault(account, set()).add(sender.business_id)
    return found


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"))
