"""A token and its 20 digits, both ways (IEC 62055-41, 6.2 to 6.5 for the issuer, 7 for the meter)."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from domain.sts.ciphers import BlockCipher
from domain.sts.crc import crc_of
from domain.sts.credit import Credit, CurrencyCredit
from domain.sts.digits import from_digits, to_digits
from domain.sts.errors import CrcError, KeyRefused, RangeError, ReservedError
from domain.sts.key_change import FirstSection, FourthSection, GroupSection, SecondSection, Section, ThirdSection
from domain.sts.management import Management, Setting
from domain.sts.meter_tests import CONTROL_BITS, MeterTest

Token = Credit | CurrencyCredit | MeterTest | Management | Section

_CLEAR: Final = 1  # the class that is sent without encryption
_RESERVED: Final = 3
_CURRENCY_SUBS: Final = range(4, 8)
_PAYLOAD: Final = (1 << 44) - 1

_Readers = Mapping[tuple[int, int], Callable[[int], Token]]
_EVERYWHERE: Final[_Readers] = {
    **{(0, sub): partial(Credit.from_payload, sub) for sub in range(4)},
    **{(0, sub): partial(CurrencyCredit.from_payload, sub) for sub in _CURRENCY_SUBS},
    **{(1, sub): partial(MeterTest.from_payload, sub) for sub in range(len(CONTROL_BITS))},
    **{(2, setting.value): partial(Management.from_payload, setting.value) for setting in Setting},
    (2, 3): FirstSection.from_payload,
    (2, 4): SecondSection.from_payload,
}
_BY_KEY_BYTES: Final[Mapping[int, _Readers]] = {
    8: {**_EVERYWHERE, (2, 8): GroupSection.from_payload},
    16: {**_EVERYWHERE, (2, 8): ThirdSection.from_payload, (2, 9): FourthSection.from_payload},
}


def encode(token: Token, cipher: BlockCipher | None = None) -> str:
    """Return the 20 digits of `token`, encrypted under the meter's decoder key unless it is a MeterTest.

    Raises KeyRefused when there is no cipher and one is needed, and RangeError when a section of a key change belongs
    to keys of another length than the cipher's. IEC 62055-41, 6.3 and 6.4.
    """
    block = block_of(token)
    if token.cls == _CLEAR:
        return to_digits(_CLEAR, block)
    cipher = _given(cipher)
    _check_length(token, cipher.key_bytes)
    return to_digits(token.cls, cipher.encrypt(block))


def decode(token: str, cipher: BlockCipher | None = None) -> Token:
    """Return what the 20 digits in `token` (spaces and dashes are overlooked) say to the meter with this decoder key.

    Of wrong digits, or right ones under another key, about 1 in 65,536 passes the checksum; what then is out of range
    is refused too. Raises FormatError, CrcError, RangeError, ReservedError, and KeyRefused when there is no cipher and
    one is needed. IEC 62055-41, 7.
    """
    cls, block = from_digits(token)
    if cls == _RESERVED:
        raise ReservedError("class 3 is reserved")
    if cls != _CLEAR:
        cipher = _given(cipher)
        block = cipher.decrypt(block)
    sub = block >> 60
    if crc_of(cls, block, currency=cls == 0 and sub in _CURRENCY_SUBS) != block & 0xFFFF:
        raise CrcError("the checksum is wrong: a typing mistake, another meter's token, or another key")
    key_bytes = cipher.key_bytes if cipher else 16
    reader = _BY_KEY_BYTES[key_bytes].get((cls, sub))
    if reader is None:
        raise ReservedError(f"class {cls}, subclass {sub} is reserved, or a manufacturer's own")
    read = reader(block >> 16 & _PAYLOAD)
    _check_length(read, key_bytes)
    return read


def block_of(token: Token) -> int:
    """Return the 64 bits of `token` in clear: subclass 4, payload 44, checksum 16. IEC 62055-41, 6.2."""
    block = token.sub << 60 | token.payload << 16
    return block | crc_of(token.cls, block, currency=isinstance(token, CurrencyCredit))


def _given(cipher: BlockCipher | None) -> BlockCipher:
    if cipher is None:
        raise KeyRefused("a token of class 0 or 2 needs the meter's decoder key")
    return cipher


def _check_length(token: Token, key_bytes: int) -> None:
    """Refuse a section of a key change that there isn't for keys of this length."""
    long = key_bytes == 16
    wrong = GroupSection if long else ThirdSection | FourthSection
    if isinstance(token, wrong) or (long and isinstance(token, FirstSection) and token.third_follows):
        raise RangeError(f"there is no such section in a key change for keys of {key_bytes * 8} bits")
