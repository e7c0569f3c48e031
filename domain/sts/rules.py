"""What may not be issued, and is not accepted, although it can be encoded (IEC 62055-41, 6.5 and 7)."""

from datetime import datetime

from domain.sts.credit import Credit, CurrencyCredit
from domain.sts.decoder_keys import KeyType, MeterKey
from domain.sts.errors import DefaultKeyError, KeyExpired
from domain.sts.management import Management
from domain.sts.tids import NEVER_EXPIRES, is_expired, tid_at
from domain.sts.tokens import Token


def check_allowed(token: Token, key_type: KeyType = KeyType.UNIQUE, expiry: int = NEVER_EXPIRES) -> None:
    """Refuse what a meter refuses whose key is of `key_type` and has the expiry number `expiry` (KEN, 0 to 255).

    Raises DefaultKeyError for credit under a default key, and KeyExpired for an identifier beyond the key's expiry
    number. Key changes have no identifier: to leave an expired key is allowed; see `check_new_key`.
    """
    if isinstance(token, Credit | CurrencyCredit) and key_type is KeyType.DEFAULT:
        raise DefaultKeyError("a meter with a default key (type 1) accepts no credit")
    if isinstance(token, Credit | CurrencyCredit | Management):
        _check_expiry(token.tid, expiry, "the key")


def check_new_key(now: datetime, new: MeterKey) -> None:
    """Refuse a change to a key that has itself expired at the instant `now`, which has an offset from UTC.

    Raises KeyExpired, and RangeError when the new key's base date has no identifiers left.
    """
    if now >= new.base.instant:
        _check_expiry(tid_at(now, new.base), new.expiry, "the new key")


def _check_expiry(tid: int, expiry: int, what: str) -> None:
    if is_expired(tid, expiry):
        raise KeyExpired(f"{what} expired: identifier {tid} comes after expiry number {expiry}")
