"""What the 20 digits of a token are to one meter, as its key shows."""

from domain.sts.ciphers import BlockCipher
from domain.sts.credit import Credit
from domain.sts.decoder_keys import MeterKey
from domain.sts.errors import KeyExpired, StsError
from domain.sts.rules import check_allowed
from domain.sts.tids import instant_of
from domain.sts.tokens import decode
from domain.vendors.results import Finding, TokenCheck


def looked_at(digits: str, key: MeterKey, cipher: BlockCipher) -> TokenCheck:
    """Return what a meter with this key makes of the digits.

    `GOOD` credit says its units (tenths of a kWh) and the minute that its identifier names. What the key doesn't open
    is `UNREADABLE`: for another meter, or with a wrong digit.
    """
    try:
        token = decode(digits, cipher)
        check_allowed(token, key.key_type, key.expiry)
    except KeyExpired:
        return TokenCheck(Finding.EXPIRED)
    except StsError:
        return TokenCheck(Finding.UNREADABLE)
    if not isinstance(token, Credit):
        return TokenCheck(Finding.NO_CREDIT)
    return TokenCheck(Finding.GOOD, token.units, instant_of(token.tid, key.base))
