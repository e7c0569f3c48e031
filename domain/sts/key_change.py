"""Class 2: the two, three or four tokens that give a meter another key (IEC 62055-41, 6.2: key change token sets).

They are encrypted under the old decoder key and carry the new one in parts. None has an identifier.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, Self

from domain.sts.decoder_keys import KeyType, MeterKey
from domain.sts.errors import KeyRefused, RangeError, UnsupportedError, within

_LARGEST_GROUP: Final = 999_999
_PART: Final = 0xFFFFFFFF
_GROUP_LOW: Final = 0xFFF


@dataclass(frozen=True, slots=True)
class FirstSection:
    """Set1stSectionDecoderKey.

    Upper half (4 bits) of the key expiry number, key revision 1 to 9, rollover (the base date changes, and the meter
    forgets the identifiers it knows), whether a third section of 64-bit keys follows, key type, and 32 bits of the key:
    the uppermost.
    """

    cls: ClassVar[int] = 2
    sub: ClassVar[int] = 3
    expiry_high: int
    revision: int
    rollover: bool
    third_follows: bool
    key_type: KeyType
    part: int

    def __post_init__(self) -> None:
        """Raise RangeError where a field is not as said above."""
        within("upper half of the key expiry number", self.expiry_high, 0xF)
        within("key revision number", self.revision, 9, 1)
        within("part of the key", self.part, _PART)

    @property
    def payload(self) -> int:
        """The 44 bits between subclass and checksum."""
        flags = self.rollover << 3 | self.third_follows << 2 | self.key_type
        return self.expiry_high << 40 | self.revision << 36 | flags << 32 | self.part

    @classmethod
    def from_payload(cls, payload: int) -> Self:
        """Read the 44 bits of subclass 3. Raises RangeError."""
        flags = payload >> 32 & 0xF
        return cls(
            expiry_high=payload >> 40,
            revision=payload >> 36 & 0xF,
            rollover=bool(flags & 8),
            third_follows=bool(flags & 4),
            key_type=KeyType(flags & 3),
            part=payload & _PART,
        )


@dataclass(frozen=True, slots=True)
class SecondSection:
    """Set2ndSectionDecoderKey: lower half (4 bits) of the key expiry number, tariff index, lowest 32 bits of key."""

    cls: ClassVar[int] = 2
    sub: ClassVar[int] = 4
    expiry_low: int
    tariff_index: int
    part: int

    def __post_init__(self) -> None:
        """Raise RangeError where a field is not as said above; a tariff index is 0 to 99."""
        within("lower half of the key expiry number", self.expiry_low, 0xF)
        within("tariff index", self.tariff_index, 99)
        within("part of the key", self.part, _PART)

    @property
    def payload(self) -> int:
        """The 44 bits between subclass and checksum."""
        return self.expiry_low << 40 | self.tariff_index << 32 | self.part

    @classmethod
    def from_payload(cls, payload: int) -> Self:
        """Read the 44 bits of subclass 4. Raises RangeError."""
        return cls(payload >> 40, payload >> 32 & 0xFF, payload & _PART)


@dataclass(frozen=True, slots=True)
class GroupSection:
    """Set3rdSectionDecoderKey for keys of 64 bits: the supply group code, as a number to 999,999, and no key."""

    cls: ClassVar[int] = 2
    sub: ClassVar[int] = 8
    group: int

    def __post_init__(self) -> None:
        """Raise RangeError where it is not as said above."""
        within("supply group code", self.group, _LARGEST_GROUP)

    @property
    def payload(self) -> int:
        """The 44 bits between subclass and checksum."""
        return self.group << 20

    @classmethod
    def from_payload(cls, payload: int) -> Self:
        """Read the 44 bits of subclass 8 under a key of 64 bits. Raises RangeError."""
        within("padding", payload & 0xFFFFF, 0)
        return cls(payload >> 20)


@dataclass(frozen=True, slots=True)
class ThirdSection:
    """Set3rdSectionDecoderKey for keys of 128 bits: lower 12 bits of the supply group code, key bits 64 to 95."""

    cls: ClassVar[int] = 2
    sub: ClassVar[int] = 8
    group_low: int
    part: int

    def __post_init__(self) -> None:
        """Raise RangeError where a field has more bits."""
        within("lower half of the supply group code", self.group_low, _GROUP_LOW)
        within("part of the key", self.part, _PART)

    @property
    def payload(self) -> int:
        """The 44 bits between subclass and checksum."""
        return self.group_low << 32 | self.part

    @classmethod
    def from_payload(cls, payload: int) -> Self:
        """Read the 44 bits of subclass 8 under a key of 128 bits."""
        return cls(payload >> 32, payload & _PART)


@dataclass(frozen=True, slots=True)
class FourthSection:
    """Set4thSectionDecoderKey, for keys of 128 bits: upper 12 bits of the supply group code, key bits 32 to 63."""

    cls: ClassVar[int] = 2
    sub: ClassVar[int] = 9
    group_high: int
    part: int

    def __post_init__(self) -> None:
        """Raise RangeError where a field has more bits, or makes a supply group code above 999,999."""
        within("upper half of the supply group code", self.group_high, _LARGEST_GROUP >> 12)
        within("part of the key", self.part, _PART)

    @property
    def payload(self) -> int:
        """The 44 bits between subclass and checksum."""
        return self.group_high << 32 | self.part

    @classmethod
    def from_payload(cls, payload: int) -> Self:
        """Read the 44 bits of subclass 9. Raises RangeError."""
        return cls(payload >> 32, payload & _PART)


Section = FirstSection | SecondSection | GroupSection | ThirdSection | FourthSection


def key_change(
    old: MeterKey, new: MeterKey, new_decoder_key: bytes, *, with_group: bool | None = None
) -> tuple[Section, ...]:
    """Return the sections that change a meter's key, in the order in which they are entered.

    Keys of 128 bits take four. Keys of 64 bits take two, or three with the supply group code, which goes along when it
    changes unless `with_group` says otherwise. `new.expiry` is the new key's. Raises KeyRefused for a decoder key of
    another length than the cipher's, UnsupportedError when the cipher would change, and RangeError when the meter
    would. IEC 62055-41, 6.2.
    """
    if new.encryption is not old.encryption:
        raise UnsupportedError("a key change cannot change the encryption algorithm")
    if new.pan != old.pan:
        raise RangeError("a key change is for one meter: both keys must have its PAN")
    if len(new_decoder_key) != new.encryption.key_bytes:
        raise KeyRefused(f"the new decoder key must have {new.encryption.key_bytes} bytes")
    parts = [int.from_bytes(new_decoder_key[at : at + 4], "big") for at in range(0, len(new_decoder_key), 4)]
    group = int(new.supply_group)
    if len(parts) == 4:
        others: tuple[Section, ...] = ThirdSection(group & _GROUP_LOW, parts[1]), FourthSection(group >> 12, parts[2])
    elif with_group or (with_group is None and new.supply_group != old.supply_group):
        others = (GroupSection(group),)
    else:
        others = ()
    first = FirstSection(
        expiry_high=new.expiry >> 4,
        revision=new.revision,
        rollover=new.base is not old.base,
        third_follows=len(others) == 1,
        key_type=new.key_type,
        part=parts[0],
    )
    return first, SecondSection(new.expiry & 0xF, new.tariff_index, parts[-1]), *others


@dataclass(frozen=True, slots=True)
class NewKey:
    """What a meter learns from a whole set; `supply_group` is None where the set doesn't tell it."""

    decoder_key: bytes
    revision: int
    key_type: KeyType
    tariff_index: int
    expiry: int
    rollover: bool
    supply_group: str | None


def assembled(sections: Iterable[Section]) -> NewKey:
    """Return what the sections of one set, in any order, tell a meter.

    Raises KeyRefused when one is missing or there twice, or when they don't belong together, and RangeError when they
    make a supply group code above 999,999. IEC 62055-41, 6.2.
    """
    match sorted(sections, key=lambda section: section.sub):
        case [FirstSection(third_follows=False) as first, SecondSection() as second]:
            return _new_key(first, second, (), None)
        case [FirstSection(third_follows=True) as first, SecondSection() as second, GroupSection() as third]:
            return _new_key(first, second, (), third.group)
        case [FirstSection() as first, SecondSection() as second, ThirdSection() as third, FourthSection() as fourth]:
            return _new_key(first, second, (third.part, fourth.part), fourth.group_high << 12 | third.group_low)
    raise KeyRefused("these are not all sections of one key change")


def _new_key(first: FirstSection, second: SecondSection, middle: Sequence[int], group: int | None) -> NewKey:
    if group is not None:
        within("supply group code", group, _LARGEST_GROUP)
    return NewKey(
        decoder_key=b"".join(part.to_bytes(4, "big") for part in (first.part, *middle, second.part)),
        revision=first.revision,
        key_type=first.key_type,
        tariff_index=second.tariff_index,
        expiry=first.expiry_high << 4 | second.expiry_low,
        rollover=first.rollover,
        supply_group=None if group is None else f"{group:06d}",
    )
