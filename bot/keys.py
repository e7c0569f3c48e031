"""Keys for single purposes, derived from SECRET_KEY: none of them tells another, nor SECRET_KEY itself."""

import base64
import hmac
from dataclasses import dataclass
from functools import cache
from hashlib import sha256

from cryptography.fernet import Fernet

from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class Keys:
    """`audit` seals the audit log, `cursors` signs cursors, `attempts` hides who tries to sign in.

    `requests` makes digests of what was asked, `answers` encrypts what was answered. `forms` seals the console's forms,
    `listening` the passes of who listens to events.
    """

    audit: bytes
    cursors: bytes
    attempts: bytes
    requests: bytes
    answers: Fernet
    forms: bytes
    listening: bytes


def keys_of(settings: Settings) -> Keys:
    """Return the keys of this deployment."""
    return _derived(settings.secret_key.get_secret_value())


@cache
def _derived(secret: str) -> Keys:
    audit, cursors, attempts, requests, answers, forms, listening = (
        hmac.digest(secret.encode(), f"raseed {purpose}".encode(), sha256)
        for purpose in ("audit", "cursors", "attempts", "requests", "answers", "forms", "listening")
    )
    return Keys(audit, cursors, attempts, requests, Fernet(base64.urlsafe_b64encode(answers)), forms, listening)
