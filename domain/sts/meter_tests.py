"""Class 1: tokens in clear that make a meter test itself or show something (IEC 62055-41, 6.2)."""

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar, Final, Self

from domain.sts.errors import within

# By subclass: how many bits choose the tests, and the largest manufacturer code (2 digits, or 4).
CONTROL_BITS: Final = (36, 28, 36)
_LARGEST_MANUFACTURER: Final = (99, 9999, 99)
_PAYLOAD_BITS: Final = 44


class Function(IntEnum):
    """What can be asked of a meter. Each but ALL is one bit of the control field."""

    ALL = 0
    LOAD_SWITCH = 1
    DISPLAY = 2
    TOTAL = 3
    KEY_REVISION = 4
    TARIFF_INDEX = 5
    TOKEN_READER = 6
    POWER_LIMIT = 7
    TAMPER = 8
    POWER = 9
    VERSION = 10
    PHASE_LIMIT = 11
    WATER_FACTOR = 12
    TARIFF_RATE = 13
    ENCRYPTION = 14
    KEY_CHANGE_TOKENS = 15
    SUPPLY_GROUP = 16
    KEY_EXPIRY = 17
    METER_NUMBER = 18


@dataclass(frozen=True, slots=True)
class MeterTest:
    """A test or display token; it needs no key.

    Subclass 0 is for manufacturers of 2 digits, 1 for those of 4, 2 for the extended set of STS 202-5. `control` is 36,
    28 and 36 bits; `manufacturer` is the code as a number, and 0 is heard by every meter.
    """

    cls: ClassVar[int] = 1
    sub: int
    control: int
    manufacturer: int = 0

    def __post_init__(self) -> None:
        """Raise RangeError where a field is not as said above."""
        within("subclass", self.sub, len(CONTROL_BITS) - 1)
        within("control", self.control, (1 << CONTROL_BITS[self.sub]) - 1)
        within("manufacturer code", self.manufacturer, _LARGEST_MANUFACTURER[self.sub])

    @property
    def payload(self) -> int:
        """The 44 bits between subclass and checksum."""
        return self.control << _PAYLOAD_BITS - CONTROL_BITS[self.sub] | self.manufacturer

    @classmethod
    def from_payload(cls, sub: int, payload: int) -> Self:
        """Read the 44 bits of subclass 0 to 2. Raises RangeError."""
        bits = _PAYLOAD_BITS - CONTROL_BITS[sub]
        return cls(sub, payload >> bits, payload & (1 << bits) - 1)


def meter_test(number: int, sub: int = 0, manufacturer: int = 0) -> MeterTest:
    """Return the token of test `number`: 0 for all there are, n for the n-th bit of control alone.

    Numbers go to 36 with subclass 0 and 2, to 28 with 1; `Function` names those that have a meaning. Raises RangeError.
    IEC 62055-41, 6.2 (InitiateMeterTest/Display) and 6.3 (Control).
    """
    bits = CONTROL_BITS[within("subclass", sub, len(CONTROL_BITS) - 1)]
    within("test number", number, bits)
    return MeterTest(sub, 1 << number - 1 if number else (1 << bits) - 1, manufacturer)
