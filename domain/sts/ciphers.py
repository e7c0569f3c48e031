"""The encryption algorithms of tokens, by their numbers (IEC 62055-41, 6.1: EA)."""

from enum import Enum
from functools import lru_cache
from typing import Final, Protocol

from domain.sts.errors import TablesError, UnsupportedError
from domain.sts.misty1 import Misty1
from domain.sts.sta import Sta, StaTables

_KEPT: Final = 4096


class BlockCipher(Protocol):
    """A cipher under one decoder key. Blocks are 64 bits."""

    @property
    def key_bytes(self) -> int:
        """The length of the decoder key: 8 or 16."""

    def encrypt(self, block: int) -> int:
        """Return `block` encrypted."""

    def decrypt(self, block: int) -> int:
        """Return `block` decrypted."""


class Encryption(Enum):
    """An encryption algorithm that this engine does. The value is its number (EA)."""

    STA = "07"
    MISTY1 = "11"

    @property
    def key_bytes(self) -> int:
        """The length of its decoder key."""
        return 8 if self is Encryption.STA else 16


def encryption(number: str) -> Encryption:
    """Return the algorithm of an EA number of two digits. Raises UnsupportedError. IEC 62055-41, 6.1 (EA)."""
    if number == "09":
        raise UnsupportedError("EA09 (DES) was withdrawn from the standard in 2018 and is not done")
    try:
        return Encryption(number)
    except ValueError:
        raise UnsupportedError(f"EA{number} is not done; 07 and 11 are") from None


def cipher_of(algorithm: Encryption, decoder_key: bytes, tables: StaTables | None = None) -> BlockCipher:
    """Return the cipher under `decoder_key`: 8 bytes for EA07, which needs `tables`, 16 for EA11.

    The subkeys of the last few thousand keys stay in memory. Raises KeyRefused, and TablesError without tables.
    """
    if algorithm is Encryption.MISTY1:
        return _misty1(decoder_key)
    if tables is None:
        raise TablesError("EA07 needs the tables that the STS Association gives to its members")
    return _sta(decoder_key, tables)


_misty1 = lru_cache(_KEPT)(Misty1)
_sta = lru_cache(_KEPT)(Sta)
