"""What the engine refuses, and why. Every refusal is an StsError with a `code` that a machine may go by."""

from typing import ClassVar


class StsError(ValueError):
    """The engine refuses. The message is for people, `code` for machines."""

    code: ClassVar[str] = "sts"


class FormatError(StsError):
    """What should be a token isn't: not 20 digits, or more than 66 bits."""

    code = "format"


class CrcError(StsError):
    """The checksum doesn't match: a typing mistake, another meter's token, or another key."""

    code = "crc"


class RangeError(StsError):
    """A field is outside the range that the standard gives it."""

    code = "range"


class ReservedError(StsError):
    """A class or subclass of token that is reserved, or a manufacturer's own."""

    code = "reserved"


class UnsupportedError(StsError):
    """An algorithm, or a combination of them, that this engine does not do."""

    code = "unsupported"


class KeyRefused(StsError):
    """A vending or decoder key of the wrong length, or none where one is needed."""

    code = "key"


class TablesError(StsError):
    """The tables of EA07 are missing or wrong."""

    code = "tables"


class NumberError(StsError):
    """A meter number or PAN of the wrong length or with a wrong check digit."""

    code = "meter_number"


class KeyExpired(StsError):
    """The token's identifier lies beyond the key's expiry number."""

    code = "key_expired"


class DefaultKeyError(StsError):
    """Credit under a default key (key type 1), which no meter accepts."""

    code = "default_key"


def within(name: str, value: int, most: int, least: int = 0) -> int:
    """Return `value`, an integer from `least` to `most`. Raises RangeError when it is not."""
    if not least <= value <= most:
        raise RangeError(f"{name} is {value}; it must be {least} to {most}")
    return value
