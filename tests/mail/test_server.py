"""The mail server is spoken to as it wants: with TLS or without, signed in, and never trusted without its name."""

import ipaddress
import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.channels.mail import Mail, composed
from bot.channels.smtp import MailServer
from bot.channels.twilio_client import NotSent
from bot.cli.doctor import doctor
from bot.settings import SettingsError, read_settings
from sandbox.servers.processes import free_port
from tests.mail.catcher import Mailbox, caught

TO = "sara@customer.example"
Made = Callable[..., MailServer]


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for loopback, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    at = datetime.now(UTC)
    loopback = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=1))
        .add_extension(loopback, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "mail.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    return certificate


@pytest.fixture
def made(environment: dict[str, str]) -> Iterator[Made]:
    servers: list[MailServer] = []

    def make(port: int, **more: str) -> MailServer:
        values = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(port), "SMTP_FROM": "no-reply@noor.example", **more}
        servers.append(MailServer(read_settings({**environment, **values})))
        return servers[-1]

    yield make
    for one in servers:
        one.close()


def _context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def _send(server: MailServer) -> None:
    server.send(composed(Mail(uuid4(), TO, "Noor", "Hello", "Hello there", "en"), server.sent_from), TO)


def _lets_in(*_: Any) -> AuthResult:
    given = _[-1]
    right = isinstance(given, LoginPassword) and (given.login, given.password) == (b"noor", b"right")
    return AuthResult(success=right, handled=False)


def _starttls(certificate: Path) -> dict[str, Any]:
    return {"tls_context": _context(certificate), "require_starttls": True}


def test_without_tls(tmp_path: Path, made: Made) -> None:
    with caught(tmp_path / "m") as mailbox:
        server = made(mailbox.port, SMTP_SECURITY="none")
        _send(server)
        _send(server)
        assert len(mailbox.mails()) == 2
        server.close()


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_with_tls(tmp_path: Path, made: Made, trusted: Path, security: str) -> None:
    more = _starttls(trusted) if security == "starttls" else {"ssl_context": _context(trusted)}
    with caught(tmp_path / "m", **more) as mailbox:
        server = made(mailbox.port, SMTP_SECURITY=security)
        _send(server)
        assert [mail["subject"] for mail in mailbox.mails()] == ["Hello"]
        server.close()


def test_who_can_not_prove_their_name_gets_no_mail(tmp_path: Path, made: Made, certificate: Path) -> None:
    with caught(tmp_path / "m", **_starttls(certificate)) as mailbox:
        with pytest.raises(NotSent, match="mail_account"):
            _send(made(mailbox.port))
        assert mailbox.mails() == []


def test_where_there_is_no_tls_nothing_goes_out_in_the_open(tmp_path: Path, made: Made) -> None:
    with caught(tmp_path / "m") as mailbox:
        with pytest.raises(NotSent, match="mail_account"):
            _send(made(mailbox.port))
        assert mailbox.mails() == []


@pytest.mark.parametrize(("password", "taken"), [("right", 1), ("wrong", 0)])
def test_signed_in(tmp_path: Path, made: Made, trusted: Path, password: str, taken: int) -> None:
    more = {**_starttls(trusted), "authenticator": _lets_in, "auth_required": True}
    with caught(tmp_path / "m", **more) as mailbox:
        server = made(mailbox.port, SMTP_USERNAME="noor", SMTP_PASSWORD=password)
        if taken:
            _send(server)
        else:
            with pytest.raises(NotSent, match="mail_account"):
                _send(server)
        assert len(mailbox.mails()) == taken
        server.close()


def test_a_connection_that_was_kept_and_is_gone_is_no_trouble(tmp_path: Path, made: Made) -> None:
    port = free_port()
    server = made(port, SMTP_SECURITY="none")
    for _ in range(2):
        with caught(tmp_path / "m", port) as mailbox:
            _send(server)
            found = len(mailbox.mails())
    assert found == 2


def _asked(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    lines = CliRunner().invoke(doctor).output.splitlines()
    return next(line for line in lines if "SMTP" in line)


def test_the_doctor_tells_how_it_is(
    tmp_path: Path, environment: dict[str, str], empty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _asked(environment, monkeypatch) == "off   SMTP: SMTP_HOST is not set"
    port = free_port()
    mail = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(port), "SMTP_FROM": "a@noor.example", "SMTP_SECURITY": "none"}
    assert _asked(environment | mail, monkeypatch).startswith("FAIL  SMTP: 127.0.0.1: ")
    with caught(tmp_path / "m", port):
        assert _asked(environment | mail, monkeypatch) == f"ok    SMTP: 127.0.0.1:{port}, without TLS"


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"SMTP_HOST": "mail"}, "SMTP_FROM missing"),
        ({"SMTP_FROM": "Noor <a@noor.example>"}, "SMTP_FROM: must be a bare address"),
        ({"SMTP_USERNAME": "noor"}, "SMTP_USERNAME and SMTP_PASSWORD go together"),
        ({"SMTP_SECURITY": "ssl"}, "SMTP_SECURITY"),
    ],
)
def test_half_a_configuration_is_one_clear_line(
    environment: dict[str, str], given: dict[str, str], complaint: str
) -> None:
    with pytest.raises(SettingsError, match=complaint):
        read_settings({**environment, **given})


def test_a_long_and_strange_name_stays_one_header(mailbox: Mailbox, made: Made) -> None:
    server = made(mailbox.port, SMTP_SECURITY="none")
    strange = 'Noor, "Electricity" <x@evil.example>\r\nBcc: y@evil.example ' + "كهرباء النور " * 20
    server.send(composed(Mail(uuid4(), TO, strange, strange, "Hello", "ar"), server.sent_from), TO)
    (mail,) = mailbox.mails()
    assert mail["envelope"] == {"from": "no-reply@noor.example", "to": [TO]}
    assert mail["headers"]["From"].endswith("<no-reply@noor.example>")
    assert "Bcc" not in mail["headers"]
    server.close()


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    with caught(tmp_path / "m") as mailbox:
        yield mailbox
