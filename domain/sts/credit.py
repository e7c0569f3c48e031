"""Class 0: credit in a service's own units, and in currency (IEC 62055-41, 6.2: TransferCredit)."""

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar, Final, Self

from domain.sts.amounts import decode_currency, decode_units
from domain.sts.errors import within
from domain.sts.tids import LARGEST_TID

_CURRENCY: Final = 4  # subclass 4 is 0's service in currency, and so on


class Service(IntEnum):
    """What is credited. A base unit is a tenth: of a kWh, of a cubic metre, of a minute."""

    ELECTRICITY = 0
    WATER = 1
    GAS = 2
    TIME = 3


@dataclass(frozen=True, slots=True)
class Credit:
    """Credit of a service.

    `rnd` is 4 bits that only make tokens differ, `tid` the identifier (24 bits), `amount` the coded field (16 bits).
    """

    cls: ClassVar[int] = 0
    service: Service
    rnd: int
    tid: int
    amount: int

    def __post_init__(self) -> None:
        """Raise RangeError where a field has more bits."""
        within("RND", self.rnd, 0xF)
        within("token identifier", self.tid, LARGEST_TID)
        within("amount field", self.amount, 0xFFFF)

    @property
    def sub(self) -> int:
        """The subclass."""
        return self.service

    @property
    def units(self) -> int:
        """The amount in base units, as a meter credits it."""
        return decode_units(self.amount)

    @property
    def payload(self) -> int:
        """The 44 bits between subclass and checksum."""
        return self.rnd << 40 | self.tid << 16 | self.amount

    @classmethod
    def from_payload(cls, sub: int, payload: int) -> Self:
        """Read the 44 bits of subclass 0 to 3."""
        return cls(Service(sub), payload >> 40, payload >> 16 & LARGEST_TID, payload & 0xFFFF)


@dataclass(frozen=True, slots=True)
class CurrencyCredit:
    """Credit of a service in currency, which may be negative.

    `tid` is 24 bits, `amount` the coded field (20 bits), whose upper 4 take the place of RND.
    """

    cls: ClassVar[int] = 0
    service: Service
    tid: int
    amount: int

    def __post_init__(self) -> None:
        """Raise RangeError where a field has more bits."""
        within("token identifier", self.tid, LARGEST_TID)
        within("currency field", self.amount, 0xFFFFF)

    @property
    def sub(self) -> int:
        """The subclass."""
        return _CURRENCY + self.service

    @property
    def units(self) -> int:
        """The amount in hundred-thousandths of the currency, as a meter credits it."""
        return decode_currency(self.amount)

    @property
    def payload(self) -> int:
        """The 44 bits between subclass and checksum."""
        return self.amount >> 16 << 40 | self.tid << 16 | self.amount & 0xFFFF

    @classmethod
    def from_payload(cls, sub: int, payload: int) -> Self:
        """Read the 44 bits of subclass 4 to 7."""
        return cls(Service(sub - _CURRENCY), payload >> 16 & LARGEST_TID, payload >> 40 << 16 | payload & 0xFFFF)
