"""The signature of a request to the vendor's API (docs/vendor-api.md)."""

import hmac
from dataclasses import dataclass, field
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who we are to the vendor, and the secret that shows it."""

    merchant_id: str
    key: str
    secret: str = field(repr=False)


def signature(secret: str, method: str, target: str, timestamp: str, nonce: str, body: bytes) -> str:
    """Return the HMAC-SHA256, in lower-case hexadecimal, of the five lines that a request is signed by.

    `target` is path and query as they stand in the request line, `timestamp` seconds since 1970.
    """
    lines = (method, target, timestamp, nonce, sha256(body).hexdigest())
    return hmac.new(secret.encode(), "\n".join(lines).encode(), sha256).hexdigest()


def signed_headers(
    credentials: Credentials, method: str, target: str, body: bytes, *, timestamp: int, nonce: str
) -> dict[str, str]:
    """Return the headers that say who asks, when, and that nothing was altered on the way."""
    stamp = str(timestamp)
    return {
        "X-Merchant-Id": credentials.merchant_id,
        "X-Api-Key": credentials.key,
        "X-Timestamp": stamp,
        "X-Nonce": nonce,
        "X-Signature": signature(credentials.secret, method, target, stamp, nonce, body),
    }
