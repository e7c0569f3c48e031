"""Signed form posts to the service, as Twilio makes them."""

import time
import uuid
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import quote, urlencode, urlsplit

from twilio.request_validator import RequestValidator

from sandbox.twilio.clock import Clock
from sandbox.twilio.traffic import Exchange, Traffic, masked

CONNECT_SECONDS = 5.0
_URL_SAFE = "!#$%&'()*+,/:;=?@[]~"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`status` is None when no answer came, and then `error` says why."""

    status: int | None
    error: str | None
    ms: float

    @property
    def ok(self) -> bool:
        return self.status is not None and 200 <= self.status < 400


def new_idempotency_token() -> str:
    return str(uuid.uuid4())


class Caller:
    def __init__(self, clock: Clock, traffic: Traffic) -> None:
        self._clock = clock
        self._traffic = traffic

    def post(
        self,
        kind: str,
        url: str,
        form: dict[str, str],
        *,
        secret: str,
        token: str,
        timeout: float,
        note: str = "",
    ) -> Outcome:
        """Posts once, and once more when the connection itself could not be made: Twilio's default."""
        url = quote(url.split("#", maxsplit=1)[0], safe=_URL_SAFE)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
            "X-Twilio-Signature": RequestValidator(secret).compute_signature(url, form),
            "I-Twilio-Idempotency-Token": token,
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
        }
        started, at = time.perf_counter(), self._clock.now()
        reply = _exchange(url, urlencode(form).encode(), headers, timeout)
        if isinstance(reply, ConnectionRefusedError):
            reply = _exchange(url, urlencode(form).encode(), headers, timeout)
        ms = (time.perf_counter() - started) * 1000
        outcome = _outcome(reply, ms)
        self._show(Exchange("out", kind, "POST", url, outcome.status, ms, at, *_shown(headers, form, reply), note))
        return outcome

    def _show(self, row: Exchange) -> None:
        row.ms = round(row.ms, 1)
        self._traffic.add(row)


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    headers: list[tuple[str, str]]
    body: bytes


def _exchange(url: str, body: bytes, headers: dict[str, str], timeout: float) -> _Reply | Exception:
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    until = time.monotonic() + timeout
    connection = kind(parts.hostname or "", parts.port, timeout=min(CONNECT_SECONDS, timeout))
    try:
        connection.connect()
        connection.sock.settimeout(max(0.05, until - time.monotonic()))
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body, headers)
        answer = connection.getresponse()
        return _Reply(answer.status, answer.getheaders(), answer.read(64 * 1024))
    except (OSError, HTTPException) as exc:
        return exc
    finally:
        connection.close()


def _outcome(reply: _Reply | Exception, ms: float) -> Outcome:
    if isinstance(reply, _Reply):
        return Outcome(reply.status, None, ms)
    if isinstance(reply, ConnectionRefusedError):
        return Outcome(None, "11205 HTTP connection failure: nobody listens there", ms)
    if isinstance(reply, TimeoutError):
        return Outcome(None, "11200 HTTP retrieval failure: no answer in time", ms)
    return Outcome(None, f"11200 HTTP retrieval failure: {type(reply).__name__}", ms)


def _shown(
    headers: dict[str, str], form: dict[str, str], reply: _Reply | Exception
) -> tuple[list[tuple[str, str]], list[tuple[str, str]], list[tuple[str, str]], str]:
    if isinstance(reply, _Reply):
        text = reply.body.decode("utf-8", "replace")
        return masked(headers.items()), list(form.items()), masked(reply.headers), text
    return masked(headers.items()), list(form.items()), [], _outcome(reply, 0).error or ""
