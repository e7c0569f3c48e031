"""Twilio's REST interface: one way to send, and what each answer means."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from bot.channels.twilio_accounts import Account

# Beyond this the answer is not waited for, and the send is in doubt.
REQUEST_SECONDS = 10.0
_MOST_LISTED = 200


class NotSent(Exception):
    """Twilio did not take the message, for certain. `code` says why; `again` whether trying again may help."""

    def __init__(self, code: str, *, again: bool) -> None:
        super().__init__(code)
        self.code = code
        self.again = again


class InDoubt(Exception):
    """Twilio may have taken the message, or not."""


class _RoutedHttpClient(TwilioHttpClient):
    """Sends what is meant for a host of Twilio's to `base` instead, and says for which host it was."""

    def __init__(self, base: str | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._base = urlsplit(base) if base else None

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:  # type: ignore[override]
        """Make the request."""
        parts = urlsplit(url)
        if self._base is not None and parts.netloc.endswith(".twilio.com"):
            kwargs["headers"] = {**(kwargs.get("headers") or {}), "X-Emulated-Host": parts.netloc}
            path = self._base.path.rstrip("/") + parts.path
            url = urlunsplit((self._base.scheme, self._base.netloc, path, parts.query, ""))
        return super().request(method, url, *args, **kwargs)


class Twilio:
    """One account at Twilio. Make it after the process has forked: it keeps connections."""

    def __init__(self, account: Account, base_url: str | None) -> None:
        http = _RoutedHttpClient(base_url, timeout=REQUEST_SECONDS)
        self._sid = account.sid
        self.client = Client(account.sid, account.tokens[0], http_client=http)

    def send(self, *, sender: str, to: str, body: str, media: list[str], status_callback: str) -> str:
        """Send one message and return its SID. Addresses are as Twilio writes them.

        Raises NotSent when Twilio refused it or was never reached, InDoubt when nobody knows.
        """
        try:
            content: dict[str, Any] = {"body": body} if body else {}
            content |= {"media_url": media} if media else {}
            message = self.client.messages.create(from_=sender, to=to, status_callback=status_callback, **content)
        except TwilioRestException as error:
            raise _refusal(error) from error
        except requests.exceptions.ConnectTimeout as error:
            raise NotSent("unreachable", again=True) from error
        except (requests.exceptions.RequestException, TwilioException) as error:
            raise _no_answer(error) from error
        if not message.sid:
            raise InDoubt("the answer has no SID")
        return message.sid

    def sids_of(self, *, sender: str, to: str, body: str, since: datetime) -> list[str]:
        """Return the SIDs of the messages with this text that Twilio accepted from us since then, oldest first.

        Raises TwilioException or a requests error when Twilio can't be asked.
        """
        # Not filtered by DateSent: what still waits to be sent has none.
        listed = self.client.messages.list(to=to, from_=sender, limit=_MOST_LISTED)
        found = [one for one in listed if one.body == body and one.date_created and one.date_created >= since]
        return [str(one.sid) for one in sorted(found, key=lambda one: one.date_created or since)]

    def account_status(self) -> str:
        """Return the status of the account, `active` when all is well. Raises TwilioException or a requests error."""
        return str(self.client.api.accounts(self._sid).fetch().status)


def _refusal(error: TwilioRestException) -> NotSent | InDoubt:
    if error.status == 429:
        return NotSent(str(error.code), again=True)
    if error.status >= 500:
        return InDoubt(f"HTTP {error.status}")
    return NotSent(str(error.code), again=False)


def _no_answer(error: Exception) -> NotSent | InDoubt:
    # A connection that was never made has carried nothing; one that broke may have.
    if isinstance(error, requests.exceptions.ConnectionError) and "NewConnectionError" in repr(error):
        return NotSent("unreachable", again=True)
    return InDoubt(type(error).__name__)
