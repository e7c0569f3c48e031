"""Passwords: kept as Argon2id hashes, and never compared faster for who isn't there."""

from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST: Final = 8
LONGEST: Final = 200

# OWASP's first choice for Argon2id where memory is shared by many threads: 19 MiB, two passes.
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class PasswordRefused(ValueError):
    """A password can't be taken. The message says why."""


def hash_of(password: str) -> str:
    """Return what is kept of `password`. Raises PasswordRefused when it is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise PasswordRefused(f"a password has {SHORTEST} to {LONGEST} characters")
    return _HASHER.hash(password)


def is_right(password: str, kept: str | None) -> bool:
    """Tell whether `password` is the one that was `kept`. Takes as long when there is none."""
    try:
        _HASHER.verify(kept or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def is_outdated(kept: str) -> bool:
    """Tell whether a hash was made with other parameters than are used now."""
    return _HASHER.check_needs_rehash(kept)


@cache
def _nobodys() -> str:
    return _HASHER.hash("nobody's password")
