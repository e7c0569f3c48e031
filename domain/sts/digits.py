"""The 20 digits of a token, and the two class bits in the midst of its block (IEC 62055-41, 6.4)."""

from typing import Final

from domain.sts.errors import FormatError, within

LARGEST: Final = (1 << 66) - 1
BLOCK_MASK: Final = (1 << 64) - 1
_CLASS_AT: Final = 27  # bits 28 and 27 of the block make room for the class, and move to bits 65 and 64
_CLASS_MASK: Final = 3 << _CLASS_AT
_SEPARATORS: Final = str.maketrans("", "", " -\t\r\n\u00a0\u202f")


def to_digits(cls: int, block: int) -> str:
    """Return the 20 digits that carry `block` (64 bits, encrypted unless `cls` is 1) with the class `cls` (0 to 3).

    Raises RangeError. IEC 62055-41, 6.4 (transposition of the class bits).
    """
    within("class", cls, 3)
    within("block", block, BLOCK_MASK)
    moved = (block & _CLASS_MASK) >> _CLASS_AT
    return f"{moved << 64 | block & ~_CLASS_MASK | cls << _CLASS_AT:020d}"


def from_digits(token: str) -> tuple[int, int]:
    """Return the class (0 to 3) and the block (64 bits, as it was transmitted) of a token of 20 digits.

    Spaces and dashes between the digits are overlooked. Raises FormatError when there are not 20 digits 0 to 9, or
    when they make more than 66 bits, which no token does. IEC 62055-41, 6.4.
    """
    digits = token if len(token) == 20 else token.translate(_SEPARATORS)
    if len(digits) != 20 or not (digits.isascii() and digits.isdigit()):
        raise FormatError("a token is 20 digits")
    number = int(digits)
    if number > LARGEST:
        raise FormatError(f"no token is greater than {LARGEST}")
    cls = (number & _CLASS_MASK) >> _CLASS_AT
    return cls, number & BLOCK_MASK & ~_CLASS_MASK | number >> 64 << _CLASS_AT


def grouped(token: str) -> str:
    """Return 20 digits as they are printed for people: five groups of four."""
    return " ".join(token[at : at + 4] for at in range(0, len(token), 4))
