"""Links to one document, or to one file: signed with a key that is derived from SECRET_KEY, until they expire.

A link is all that its reader needs, so it says as little as it can: which business, which document in which language,
or which file, until when. Each kind has a key of its own.
"""

import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NoBase64
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from bot.settings import Settings
from domain.clock import now
from locales.catalogue import LANGUAGES

LASTS: Final = timedelta(days=7)
# Twilio fetches a file when it sends the message, which it may hold back for some hours.
FILE_LASTS: Final = timedelta(hours=24)

_PURPOSE_OF_KEY: Final = b"raseed links to invoices"
_PURPOSE_OF_FILES: Final = b"raseed links to files"
_CONTENT: Final = struct.Struct(">BI16s16s")
_FILE: Final = struct.Struct(">I16s16s")
_SEAL_LENGTH: Final = 16


class WrongLink(ValueError):
    """Not a link of ours."""


class ExpiredLink(Exception):
    """A link of ours whose time is over; `language` is the one that it was made for."""

    def __init__(self, language: str) -> None:
        self.language = language
        super().__init__("the link has expired")


@dataclass(frozen=True, slots=True)
class Link:
    """What a link leads to: an invoice or a credit note, in a language."""

    business_id: UUID
    document_id: UUID
    language: str


def link_to(settings: Settings, link: Link, lasts: timedelta = LASTS) -> str:
    """Return the address of a PDF; it works from now on, for as long as `lasts` says."""
    until = int((now() + lasts).timestamp())
    content = _CONTENT.pack(LANGUAGES.index(link.language), until, link.business_id.bytes, link.document_id.bytes)
    return f"{settings.public_base_url}/i/{_encoded(content + _seal(settings, _PURPOSE_OF_KEY, content))}"


def read_link(settings: Settings, signed: str) -> Link:
    """Return what the signed part of a link leads to. Raises WrongLink, ExpiredLink."""
    language, until, business, invoice = _unsealed(settings, _PURPOSE_OF_KEY, _CONTENT, signed)
    if until <= now().timestamp():
        raise ExpiredLink(LANGUAGES[language])
    return Link(UUID(bytes=business), UUID(bytes=invoice), LANGUAGES[language])


def file_link(settings: Settings, business_id: UUID, file_id: UUID, lasts: timedelta = FILE_LASTS) -> str:
    """Return the address of a file of a message; it works from now on, for as long as `lasts` says."""
    content = _FILE.pack(int((now() + lasts).timestamp()), business_id.bytes, file_id.bytes)
    return f"{settings.public_base_url}/f/{_encoded(content + _seal(settings, _PURPOSE_OF_FILES, content))}"


def read_file_link(settings: Settings, signed: str) -> tuple[UUID, UUID]:
    """Return the business and the file that the signed part of a link leads to. Raises WrongLink, also when expired."""
    until, business, file = _unsealed(settings, _PURPOSE_OF_FILES, _FILE, signed)
    if until <= now().timestamp():
        raise WrongLink("the link has expired")
    return UUID(bytes=business), UUID(bytes=file)


def _unsealed(settings: Settings, purpose: bytes, form: struct.Struct, signed: str) -> tuple[Any, ...]:
    raw = _decoded(signed)
    content, seal = raw[: form.size], raw[form.size :]
    if len(content) < form.size or not hmac.compare_digest(seal, _seal(settings, purpose, content)):
        raise WrongLink("the link was not signed by us")
    return form.unpack(content)


def _seal(settings: Settings, purpose: bytes, content: bytes) -> bytes:
    key = hmac.digest(settings.secret_key.get_secret_value().encode(), purpose, "sha256")
    return hmac.digest(key, content, "sha256")[:_SEAL_LENGTH]


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _decoded(signed: str) -> bytes:
    try:
        raw = urlsafe_b64decode(signed.encode("ascii") + b"=" * (-len(signed) % 4))
    except (NoBase64, UnicodeEncodeError) as error:
        raise WrongLink("the link is no base64") from error
    if _encoded(raw) != signed:
        raise WrongLink("the link is written in another way than ours")
    return raw
