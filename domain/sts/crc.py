"""The checksum of a token (IEC 62055-41, 6.3: CRC and CRC_C)."""

from typing import Final

_POLYNOMIAL: Final = 0xA001  # x^16 + x^15 + x^2 + 1, lowest bit first
_CURRENCY: Final = b"\x01"


def _remainder(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ _POLYNOMIAL if byte & 1 else byte >> 1
    return byte


_REMAINDERS: Final = tuple(_remainder(byte) for byte in range(256))


def crc_of(cls: int, block: int, *, currency: bool = False) -> int:
    """Return the 16 bits that belong at the end of a block.

    `cls` is the class (2 bits); of `block` (64 bits, in clear) the subclass and payload count, its last 16 bits don't.
    A currency credit's checksum takes in one byte 01 more. IEC 62055-41, 6.3.
    """
    message = (cls << 48 | block >> 16).to_bytes(7, "big")
    crc = 0xFFFF
    for byte in message + _CURRENCY if currency else message:
        crc = crc >> 8 ^ _REMAINDERS[(crc ^ byte) & 0xFF]
    return (crc & 0xFF) << 8 | crc >> 8
