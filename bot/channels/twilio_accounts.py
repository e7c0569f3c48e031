"""The Twilio accounts of this deployment: its own, and those that senders name by environment variables."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from sqlalchemy import text

from bot.settings import Settings, secret_from
from domain.door import Door

_SENDERS_ARE_KNOWN_FOR = 60.0
_VARIABLES = text("SELECT DISTINCT account_sid_var, auth_token_var FROM sender WHERE account_sid_var IS NOT NULL")


@dataclass(frozen=True, slots=True)
class Account:
    """A Twilio account: `tokens[0]` authenticates our calls, any verifies a signature."""

    sid: str
    tokens: tuple[str, ...]


class Accounts:
    """Knows the accounts, and whether mails can be sent.

    Senders are read once a minute at most, and only for an account that isn't our own.
    """

    def __init__(self, settings: Settings, door: Door, environment: Mapping[str, str] | None = None) -> None:
        self.own = Account(settings.twilio_account_sid, settings.auth_tokens)
        self.sends_mails = settings.smtp_host is not None
        self._door = door
        self._environment = os.environ if environment is None else environment
        self._others: dict[str, Account] = {}
        self._read_at: float | None = None
        self._lock = Lock()

    def tokens_of(self, sid: str) -> tuple[str, ...]:
        """Return the tokens of the account `sid`; none for an account that isn't ours."""
        if sid == self.own.sid:
            return self.own.tokens
        account = self._named_by_senders().get(sid)
        return account.tokens if account else ()

    def of_sender(self, account_sid_var: str | None, auth_token_var: str | None) -> Account | None:
        """Return the account whose variables a sender names; our own when it names none; None when unset."""
        if account_sid_var is None or auth_token_var is None:
            return self.own
        sid = secret_from(self._environment, account_sid_var)
        tokens = secret_from(self._environment, auth_token_var)
        if not sid or not tokens:
            return None
        return Account(sid, tuple(token.strip() for token in tokens.split(",") if token.strip()))

    def sid_of(self, account_sid_var: str | None) -> str | None:
        """Return the SID that a sender's variable holds; our own when it names none."""
        return self.own.sid if account_sid_var is None else secret_from(self._environment, account_sid_var)

    def _named_by_senders(self) -> dict[str, Account]:
        with self._lock:
            if self._read_at is None or time.monotonic() - self._read_at > _SENDERS_ARE_KNOWN_FOR:
                self._others = self._read()
                self._read_at = time.monotonic()
            return self._others

    def _read(self) -> dict[str, Account]:
        with self._door.for_every_business() as session:
            variables = session.execute(_VARIABLES).all()
        found = (self.of_sender(sid_var, token_var) for sid_var, token_var in variables)
        return {account.sid: account for account in found if account is not None}
