"""Class 2, but for key changes: tokens that set or clear something in one meter (IEC 62055-41, 6.2)."""

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar, Final, Self

from domain.sts.amounts import decode_units
from domain.sts.errors import RangeError, within
from domain.sts.tids import LARGEST_TID


class Setting(IntEnum):
    """What is set or cleared: the subclass. EXTENDED is the set of STS 202-5."""

    POWER_LIMIT = 0
    CLEAR_CREDIT = 1
    TARIFF_RATE = 2
    CLEAR_TAMPER = 5
    PHASE_LIMIT = 6
    WATER_FACTOR = 7
    EXTENDED = 10


class Register(IntEnum):
    """What ClearCredit clears."""

    ELECTRICITY = 0
    WATER = 1
    GAS = 2
    TIME = 3
    ELECTRICITY_CURRENCY = 4
    WATER_CURRENCY = 5
    GAS_CURRENCY = 6
    TIME_CURRENCY = 7
    ALL = 0xFFFF


_REGISTERS: Final = frozenset(Register)
_IN_WATTS: Final = (Setting.POWER_LIMIT, Setting.PHASE_LIMIT)


@dataclass(frozen=True, slots=True)
class Management:
    """A token that sets or clears something.

    `rnd` is 4 bits, `tid` 24, `value` 16: of a limit the coded watts, of CLEAR_CREDIT the register, of CLEAR_TAMPER
    nothing (0), of a tariff rate and a water factor the bare number, of EXTENDED 6 bits of index and 10 of value.
    """

    cls: ClassVar[int] = 2
    setting: Setting
    rnd: int
    tid: int
    value: int

    def __post_init__(self) -> None:
        """Raise RangeError where a field is not as said above."""
        within("RND", self.rnd, 0xF)
        within("token identifier", self.tid, LARGEST_TID)
        within("value", self.value, 0 if self.setting is Setting.CLEAR_TAMPER else 0xFFFF)
        if self.setting is Setting.CLEAR_CREDIT and self.value not in _REGISTERS:
            raise RangeError(f"credit register is {self.value}; it must be 0 to 7, or 65535 for all")

    @property
    def sub(self) -> int:
        """The subclass."""
        return self.setting

    @property
    def watts(self) -> int | None:
        """The limit, as a meter sets it, if it is one."""
        return decode_units(self.value) if self.setting in _IN_WATTS else None

    @property
    def payload(self) -> int:
        """The 44 bits between subclass and checksum."""
        return self.rnd << 40 | self.tid << 16 | self.value

    @classmethod
    def from_payload(cls, sub: int, payload: int) -> Self:
        """Read the 44 bits of a subclass that `Setting` has. Raises RangeError."""
        return cls(Setting(sub), payload >> 40, payload >> 16 & LARGEST_TID, payload & 0xFFFF)
