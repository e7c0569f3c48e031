"""What a worker process works with. Made at its first job, after it was forked."""

import os
from dataclasses import dataclass
from functools import cache
from typing import Final

from bot.channels.contents import Contents
from bot.channels.smtp import MailServer
from bot.channels.twilio_accounts import Account
from bot.channels.twilio_client import Twilio
from bot.services import Services, make_services
from bot.settings import Settings, read_settings

# The scheduler polls, plans and runs jobs at once. A connection is made when it is first wanted.
_CONNECTIONS: Final = 16


@dataclass(frozen=True, slots=True)
class WorkerServices(Services):
    """Services, clients of Twilio by account, what is registered there, and the mail server, if there is one."""

    contents: Contents
    mails: MailServer | None

    def twilio_of(self, account_sid_var: str | None, auth_token_var: str | None) -> Twilio | None:
        """Return the client of the account that a sender names; None when its variables are not set."""
        account = self.accounts.of_sender(account_sid_var, auth_token_var)
        return client_of(account, self.settings.twilio_api_base_url) if account else None


@cache
def client_of(account: Account, base_url: str | None) -> Twilio:
    """Return the client of an account; the same one every time, for it keeps connections open."""
    return Twilio(account, base_url)


def make_worker_services(settings: Settings) -> WorkerServices:
    """Make them from `settings`."""
    made = make_services(settings, pool_size=_CONNECTIONS)
    mails = MailServer(settings) if settings.smtp_host else None
    contents = Contents(made.door)
    return WorkerServices(made.settings, made.door, made.redis, made.bell, made.accounts, contents, mails)


@cache
def _of_process(_: int) -> WorkerServices:
    return make_worker_services(read_settings())


def worker_services() -> WorkerServices:
    """Return the services of this process."""
    return _of_process(os.getpid())
