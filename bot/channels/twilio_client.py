"""Twilio's REST interface: one way to send, and what each answer means."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from twilio.rest.api.v2010.account.message import MessageInstance
from twilio.rest.content.v1.content import ContentList
from twilio.rest.content.v1.content.approval_create import ApprovalCreateList

from bot.channels.twilio_accounts import Account
from bot.channels.twilio_errors import UNREACHABLE
from domain import clock

# Beyond this the answer is not waited for, and the send is in doubt.
REQUEST_SECONDS = 10.0
# So many requests of a process may be at Twilio at the same time; it keeps as many connections open.
IN_FLIGHT = 32
_MOST_LISTED = 200
_PAGE = 500
_MOST_FILES = 10
_NOT_FOUND = 404
_API = "https://api.twilio.com"


@dataclass(frozen=True, slots=True)
class Said:
    """What a message says: its text and files, or registered content (its SID and variables, as JSON) instead."""

    body: str
    media: list[str]
    content: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """An inbound message as Twilio lists it; `said_at` in whole seconds. Addresses are as Twilio writes them."""

    sid: str
    account_sid: str
    sender: str
    to: str
    body: str
    files: int
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Listed:
    """A WhatsApp number of ours as Twilio lists it: to how many people a day it may write first (None: no number is
    said), and its status and quality in Twilio's words.
    """

    limit: int | None
    status: str
    quality: str | None


class NotSent(Exception):
    """Twilio did not take the message, for certain. `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class InDoubt(Exception):
    """Twilio may have taken the message, or not."""


class _RoutedHttpClient(TwilioHttpClient):
    """Sends what is meant for a host of Twilio's to `base` instead, and says for which host it was."""

    def __init__(self, base: str | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._base = urlsplit(base) if base else None
        self.session = requests.Session()
        for scheme in ("https://", "http://"):
            self.session.mount(scheme, HTTPAdapter(pool_maxsize=IN_FLIGHT))

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
        self.account_sid = account.sid
        self.client = Client(account.sid, account.tokens[0], http_client=http)

    def send(self, *, sender: str, to: str, said: Said, status_callback: str, valid_seconds: int | None = None) -> str:
        """Send one message and return its SID. Addresses are as Twilio writes them.

        After `valid_seconds` Twilio gives it up.

        Raises NotSent when Twilio refused it or was never reached, InDoubt when nobody knows.
        """
        try:
            message = self.client.messages.create(
                from_=sender, to=to, status_callback=status_callback, **_carried(said), **_valid(valid_seconds)
            )
        except TwilioRestException as error:
            raise _refusal(error) from error
        except requests.exceptions.ConnectTimeout as error:
            raise NotSent(UNREACHABLE) from error
        except (requests.exceptions.RequestException, TwilioException) as error:
            raise _no_answer(error) from error
        if not message.sid:
            raise InDoubt("the answer has no SID")
        return message.sid

    def sids_of(self, *, sender: str, to: str, bodies: Collection[str], since: datetime) -> list[str]:
        """Return the SIDs of the messages with one of these texts that Twilio took from us since then, oldest first.

        Raises TwilioException or a requests error when Twilio can't be asked.
        """
        # Not filtered by DateSent: what still waits to be sent has none.
        listed = self.client.messages.list(to=to, from_=sender, limit=_MOST_LISTED)
        found = [one for one in listed if (one.body or "") in bodies and one.date_created and one.date_created >= since]
        return [str(one.sid) for one in sorted(found, key=lambda one: one.date_created or since)]

    def status_of(self, sid: str) -> tuple[str, str | None]:
        """Return a message's status and error code, `gone` when Twilio has it no longer.

        Raises TwilioException or a requests error when Twilio can't be asked.
        """
        try:
            found = self.client.messages(sid).fetch()
        except TwilioRestException as error:
            if error.status == _NOT_FOUND:
                return "gone", None
            raise
        return str(found.status), str(found.error_code) if found.error_code else None

    def received(self, *, at: str, since: datetime, most: int) -> list[Received]:
        """Return up to `most` messages that came in for our address `at` since then, oldest first, without files.

        Raises TwilioException or a requests error when Twilio can't be asked.
        """
        # Twilio lists the newest first; within one second only that tells their order.
        listed = self.client.messages.list(to=at, date_sent_after=since, limit=most, page_size=_PAGE)
        found = [_received(one) for one in reversed(listed) if str(one.direction) == "inbound" and one.sid]
        return sorted(found, key=lambda one: one.said_at)

    def files_of(self, sid: str) -> list[tuple[str, str]]:
        """Return address and content type of each file of a message. Raises TwilioException or a requests error."""
        listed = self.client.messages(sid).media.list(limit=_MOST_FILES)
        return [(f"{_API}{(one.uri or '').removesuffix('.json')}", one.content_type or "") for one in listed]

    def contents(self) -> dict[str, str]:
        """Return the SIDs of all registered content by friendly name. Raises TwilioException or a requests error."""
        return {str(one.friendly_name): str(one.sid) for one in self.client.content.v1.contents.list(page_size=500)}

    def register(self, name: str, language: str, types: dict[str, Any], samples: dict[str, str]) -> str:
        """Register content, and return its SID. Raises TwilioException or a requests error."""
        request = {"friendly_name": name, "language": language, "types": types, "variables": samples}
        made = self.client.content.v1.contents.create(content_create_request=ContentList.ContentCreateRequest(request))
        return str(made.sid)

    def submit(self, content_sid: str, name: str, category: str) -> None:
        """Ask WhatsApp to approve content as a template. Raises TwilioException or a requests error."""
        wanted = ApprovalCreateList.ContentApprovalRequest({"name": name, "category": category.upper()})
        self.client.content.v1.contents(content_sid).approval_create.create(content_approval_request=wanted)

    def approval_of(self, content_sid: str) -> tuple[str, str | None]:
        """Return the status of content's approval, and why it was refused.

        Raises TwilioException or a requests error.
        """
        found = self.client.content.v1.contents(content_sid).approval_fetch().fetch().whatsapp or {}
        why = found.get("rejection_reason")
        return str(found.get("status") or "unsubmitted"), str(why) if why else None

    def balance(self) -> tuple[Decimal, str]:
        """Return what is left on the account, and in which currency. Raises TwilioException or a requests error."""
        found = self.client.api.accounts(self.account_sid).balance.fetch()
        return Decimal(str(found.balance)), str(found.currency)

    def whatsapp_senders(self) -> dict[str, Listed]:
        """Return the WhatsApp numbers of the account, by their address as Twilio writes it.

        Raises TwilioException or a requests error.
        """
        listed = self.client.messaging.v2.channels_senders.list(channel="whatsapp")
        return {str(one.sender_id): _listed(one) for one in listed}

    def account_status(self) -> str:
        """Return the status of the account, `active` when all is well. Raises TwilioException or a requests error."""
        return str(self.client.api.accounts(self.account_sid).fetch().status)


_THOUSAND: Final = 1000
_LIMIT: Final = re.compile(r"^\s*(\d+)\s*([kK]?)")


def limit_in(told: str | None) -> int | None:
    """Return the number in Twilio's "10K Customers/24hr"; None where there is none, as in "Unlimited"."""
    found = _LIMIT.match(told or "")
    return int(found[1]) * (_THOUSAND if found[2] else 1) if found else None


def _listed(one: Any) -> Listed:
    quality = _property(one.properties, "quality_rating")
    return Listed(limit_in(_property(one.properties, "messaging_limit")), str(one.status), quality)


def _property(properties: Any, name: str) -> str | None:
    value = properties.get(name) if isinstance(properties, dict) else None
    return None if value is None else str(value)


def _received(one: MessageInstance) -> Received:
    return Received(
        sid=str(one.sid),
        account_sid=one.account_sid or "",
        sender=one.from_ or "",
        to=one.to or "",
        body=one.body or "",
        files=int(one.num_media or 0),
        said_at=one.date_sent or one.date_created or clock.now(),
    )


def _carried(said: Said) -> dict[str, Any]:
    if said.content is not None:
        sid, variables = said.content
        return {"content_sid": sid, "content_variables": variables}
    carried: dict[str, Any] = {"body": said.body} if said.body else {}
    return carried | ({"media_url": said.media} if said.media else {})


def _valid(seconds: int | None) -> dict[str, Any]:
    return {} if seconds is None else {"validity_period": seconds}


def _refusal(error: TwilioRestException) -> NotSent | InDoubt:
    return InDoubt(f"HTTP {error.status}") if error.status >= 500 else NotSent(str(error.code))


def _no_answer(error: Exception) -> NotSent | InDoubt:
    # A connection that was never made has carried nothing; one that broke may have.
    if isinstance(error, requests.exceptions.ConnectionError) and "NewConnectionError" in repr(error):
        return NotSent(UNREACHABLE)
    return InDoubt(type(error).__name__)
