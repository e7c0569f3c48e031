"""Files in messages: the samples that people send, and what the service sends by address."""

import base64
import binascii
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from sandbox.twilio.errors import BadRequestError
from sandbox.twilio.model import Media

SAMPLES: dict[str, tuple[str, str]] = {
    "meter": ("meter.jpg", "image/jpeg"),
    "receipt": ("receipt.jpg", "image/jpeg"),
    "street": ("street.jpg", "image/jpeg"),
    "voice": ("voice.ogg", "audio/ogg"),
    "sticker": ("sticker.webp", "image/webp"),
    "document": ("bill.pdf", "application/pdf"),
}
MAX_BYTES = 16 * 1024 * 1024

_FOLDER = Path(__file__).parent / "phone" / "samples"
_KINDS = {"image/webp": "sticker", "image": "image", "audio": "voice", "video": "video"}
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class MediaFetchError(Exception):
    """The file at the given address could not be had."""


@dataclass(frozen=True, slots=True)
class File:
    content_type: str
    content: bytes
    name: str = ""


def read_media(wanted: Any) -> File:
    """The file of what the control interface was given: a sample's name, or the data itself."""
    if isinstance(wanted, str):
        wanted = {"sample": wanted}
    if not isinstance(wanted, dict):
        raise BadRequestError("media is a sample's name or an object")
    if "sample" in wanted:
        return _sample(str(wanted["sample"]))
    try:
        content = base64.b64decode(str(wanted.get("data_base64", "")), validate=True)
    except binascii.Error as exc:
        raise BadRequestError("media.data_base64 is not base64") from exc
    if not content or len(content) > MAX_BYTES:
        raise BadRequestError("a file has between 1 byte and 16 MB")
    return File(str(wanted.get("content_type") or "application/octet-stream"), content, str(wanted.get("name") or ""))


def _sample(name: str) -> File:
    if name not in SAMPLES:
        raise BadRequestError(f"the samples are {', '.join(SAMPLES)}")
    file, content_type = SAMPLES[name]
    return File(content_type, (_FOLDER / file).read_bytes(), file)


def fetch_media(media: Media) -> bytes | None:
    """Downloads an outbound file from this machine; other hosts are left alone (None)."""
    if not media.url or urlsplit(media.url).hostname not in _LOOPBACK:
        return None
    try:
        with urlopen(media.url, timeout=5) as answer:  # noqa: S310 - the host is this machine, the scheme was checked
            media.content_type = answer.headers.get_content_type()
            media.name = answer.headers.get_filename() or ""
            content: bytes = answer.read(MAX_BYTES + 1)
    except (URLError, OSError, HTTPException, ValueError) as exc:
        raise MediaFetchError(media.url) from exc
    if len(content) > MAX_BYTES:
        raise MediaFetchError(media.url)
    media.size = len(content)
    return content


def kind_of_file(content_type: str) -> str:
    return _KINDS.get(content_type) or _KINDS.get(content_type.split("/", maxsplit=1)[0]) or "document"
