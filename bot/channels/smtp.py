"""The mail server: one way to hand a mail over, and what each of its answers means."""

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from queue import Empty, LifoQueue
from time import monotonic
from typing import Final

from bot.channels.twilio_client import InDoubt, NotSent
from bot.channels.twilio_errors import UNREACHABLE
from bot.settings import Settings

# So many mails of a process are handed over at the same time; servers take no more from one sender.
MAILS_IN_FLIGHT: Final = 8
# Before the mail itself is said nothing has happened, and so long at most may that take. Then the server is given time
# to look at it: who gives up too early sends it twice. Together shorter than what lets a send be taken for abandoned.
_TO_BEGIN: Final = 10.0
_TO_TAKE: Final = 15.0
# What lies unused for longer may have been closed by the server.
_KEPT_FOR: Final = 5.0
_PORTS: Final = {"none": 25, "starttls": 587, "tls": 465}
_SAID: Final = {"none": "without TLS", "starttls": "STARTTLS", "tls": "TLS"}

_TAKEN, _GO_ON, _LATER, _NEVER = 2, 3, 4, 5
_BUSY: Final = 421

# What is refused, by its code (RFC 3463 where the server gives one), and why.
_ADDRESS: Final = re.compile(rb"5\.1\.|5\.2\.1")
_FULL: Final = re.compile(rb"5\.2\.2")
_ENHANCED: Final = re.compile(rb"5\.\d+\.\d+")
_NOBODY: Final = frozenset({550, 551, 553})
_NO_ROOM: Final = 552


@dataclass(frozen=True, slots=True)
class _Kept:
    client: smtplib.SMTP
    since: float


class MailServer:
    """The server that takes our mails. Make it after the process has forked: it keeps connections."""

    def __init__(self, settings: Settings) -> None:
        self._security = settings.smtp_security
        self._host = settings.smtp_host or ""
        self._port = settings.smtp_port or _PORTS[settings.smtp_security]
        self._username = settings.smtp_username
        self._password = settings.smtp_password
        self.sent_from = settings.smtp_from or ""
        self._kept: LifoQueue[_Kept] = LifoQueue()

    def send(self, message: EmailMessage, to: str) -> None:
        """Hand a mail over. Raises NotSent when it was not taken, for certain, and InDoubt when nobody knows."""
        until = monotonic() + _TO_BEGIN
        client = self._reused(to, until) or self._begun(to, until)
        try:
            _hand_over(client, message.as_bytes(), until)
        except (NotSent, InDoubt):
            client.close()
            raise
        self._keep(client)

    def test_connection(self) -> str:
        """Connect, sign in, and say how that was done. Raises NotSent."""
        _leave(self._connected(monotonic() + _TO_BEGIN))
        return f"{self._host}:{self._port}, {_SAID[self._security]}{', signed in' if self._username else ''}"

    def close(self) -> None:
        """Let go of the connections that are kept."""
        with suppress(Empty):
            while True:
                _leave(self._kept.get_nowait().client)

    def _reused(self, to: str, until: float) -> smtplib.SMTP | None:
        """Return a connection that was kept, with the envelope said; None where there is none that still works."""
        with suppress(Empty):
            while True:
                kept = self._kept.get_nowait()
                if monotonic() - kept.since > _KEPT_FOR:
                    _leave(kept.client)
                    continue
                try:
                    self._say_envelope(kept.client, to, until)
                except NotSent as refusal:
                    if refusal.code != UNREACHABLE:
                        raise
                else:
                    return kept.client
        return None

    def _begun(self, to: str, until: float) -> smtplib.SMTP:
        client = self._connected(until)
        self._say_envelope(client, to, until)
        return client

    def _connected(self, until: float) -> smtplib.SMTP:
        with _certainly_not_sent(None):
            client = self._dialled(_left(until))
        with _certainly_not_sent(client):
            _within(client, until)
            client.ehlo_or_helo_if_needed()
            if self._security == "starttls":
                _within(client, until)
                client.starttls(context=ssl.create_default_context())
                client.ehlo_or_helo_if_needed()
            if self._username is not None and self._password is not None:
                _within(client, until)
                client.login(self._username, self._password.get_secret_value())
        return client

    def _dialled(self, seconds: float) -> smtplib.SMTP:
        # It says who it is by our own domain: to look up this host's name may take seconds.
        name = self.sent_from.rpartition("@")[2]
        if self._security == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self._host, self._port, name, timeout=seconds, context=context)
        return smtplib.SMTP(self._host, self._port, name, timeout=seconds)

    def _say_envelope(self, client: smtplib.SMTP, to: str, until: float) -> None:
        """Say from whom and to whom. A connection on which one of them was refused can still be used."""
        with _certainly_not_sent(client):
            _within(client, until)
            code, _ = client.mail(self.sent_from)
            refused = None if code // 100 == _TAKEN else _sender_refused(code)
            if refused is None:
                _within(client, until)
                code, said = client.rcpt(to)
                refused = None if code // 100 == _TAKEN else _recipient_refused(code, said)
            if refused is None:
                return
            usable = code != _BUSY and refused != UNREACHABLE and client.rset()[0] // 100 == _TAKEN
        if usable:
            self._keep(client)
        else:
            client.close()
        raise NotSent(refused)

    def _keep(self, client: smtplib.SMTP) -> None:
        self._kept.put(_Kept(client, monotonic()))


def _hand_over(client: smtplib.SMTP, content: bytes, until: float) -> None:
    """Say the mail itself. Once it was begun, a connection that breaks leaves it in doubt."""
    with _certainly_not_sent(client):
        _within(client, until)
        code, _ = client.docmd("DATA")
    if code // 100 == _GO_ON:
        try:
            _within(client, monotonic() + _TO_TAKE)
            client.send(_dotted(content))
            _within(client, monotonic() + _TO_TAKE)
            code, _ = client.getreply()
        except (OSError, smtplib.SMTPException) as error:
            raise InDoubt(type(error).__name__) from error
    if code // 100 not in {_TAKEN, _LATER, _NEVER}:
        raise InDoubt(f"SMTP {code}")
    if code // 100 != _TAKEN:
        raise NotSent("mail_later" if code // 100 == _LATER else "mail_refused")


@contextmanager
def _certainly_not_sent(client: smtplib.SMTP | None) -> Iterator[None]:
    """Whatever fails here fails before the mail was said: it was not sent, and `client` is of no more use."""
    try:
        yield
    except (OSError, smtplib.SMTPException) as error:
        if client is not None:
            client.close()
        raise NotSent(_no_connection(error)) from error


def _no_connection(error: Exception) -> str:
    """Return why there is no connection: nobody is there just now, or we are not let in."""
    if isinstance(error, smtplib.SMTPResponseException):
        return "mail_account" if error.smtp_code // 100 == _NEVER else UNREACHABLE
    not_let_in = isinstance(error, ssl.SSLCertVerificationError | smtplib.SMTPNotSupportedError)
    return "mail_account" if not_let_in else UNREACHABLE


def _sender_refused(code: int) -> str:
    return {_LATER: "mail_later", _NEVER: "mail_sender"}.get(code // 100, UNREACHABLE)


def _recipient_refused(code: int, said: bytes) -> str:
    if code // 100 != _NEVER:
        return "mail_later" if code // 100 == _LATER else UNREACHABLE
    if _ADDRESS.match(said):
        return "mail_address"
    if _FULL.match(said) or code == _NO_ROOM:
        return "mail_full"
    # A server that says no more than 550 means the address; one that says more, and means something else, says it.
    return "mail_address" if code in _NOBODY and not _ENHANCED.match(said) else "mail_refused"


def _dotted(content: bytes) -> bytes:
    """Return a mail as it is said, up to the dot that ends it (RFC 5321, 4.5.2)."""
    end = b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n"
    return re.sub(rb"(?m)^\.", b"..", content) + end


def _left(until: float) -> float:
    """Return how many seconds are left. Raises TimeoutError."""
    left = until - monotonic()
    if left <= 0:
        raise TimeoutError("the server is too slow")
    return left


def _within(client: smtplib.SMTP, until: float) -> None:
    """Let what comes next on this connection take no longer than until then."""
    if client.sock is not None:
        client.sock.settimeout(_left(until))


def _leave(client: smtplib.SMTP) -> None:
    with suppress(OSError, smtplib.SMTPException):
        _within(client, monotonic() + 1)
        client.quit()
    client.close()
