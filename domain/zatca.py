"""The QR code of a simplified tax invoice in Saudi Arabia: five fields as tag, length and value, in base64.

A length counts the bytes of a value in UTF-8, not its characters: an Arabic name has twice as many.
"""

from base64 import b64encode
from datetime import UTC, datetime

from domain.money import Money

_LONGEST_VALUE = 255


class QrError(ValueError):
    """A value is too long for its field."""


def qr_text(seller: str, vat_number: str, issued_at: datetime, total: Money, vat: Money) -> str:
    """Return what the code says: the seller, its VAT number, when it was issued, the total with the tax, the tax.

    Raises QrError.
    """
    instant = issued_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    values = (seller, vat_number, instant, str(total.major), str(vat.major))
    return b64encode(b"".join(_field(tag, value) for tag, value in enumerate(values, start=1))).decode("ascii")


def _field(tag: int, value: str) -> bytes:
    encoded = value.encode()
    if len(encoded) > _LONGEST_VALUE:
        raise QrError(f"field {tag} has {len(encoded)} bytes, more than {_LONGEST_VALUE}")
    return bytes((tag, len(encoded))) + encoded
