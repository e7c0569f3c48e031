"""The cipher of EA07: the Standard Transfer Algorithm (IEC 62055-41, 6.5: EA07). Its tables come from the operator."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Final

from domain.sts.errors import KeyRefused, TablesError

KEY_BYTES: Final = 8
_ROUNDS: Final = 16
_MASK: Final = (1 << 64) - 1

# What each nibble of a block becomes, as 16 rows of 16 values that are put together with a bitwise or.
_Rows = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class StaTables:
    """The substitutions of a nibble by key bit 0 and 1, and the place that each bit is moved to (bit 0 is the lowest).

    They are the property of the STS Association, which gives them to its members.
    """

    first: tuple[int, ...]
    second: tuple[int, ...]
    permutation: tuple[int, ...]

    def __post_init__(self) -> None:
        """Raise TablesError unless each table holds every number once."""
        for name, table, length in (
            ("S1", self.first, 16),
            ("S2", self.second, 16),
            ("P", self.permutation, 64),
        ):
            if sorted(table) != list(range(length)):
                raise TablesError(f"EA07's table {name} must hold each number from 0 to {length - 1} once")

    @cached_property
    def encrypting(self) -> tuple[_Rows, _Rows]:
        """Substitution by either table, then the permutation, for each nibble."""
        return _rows(self.first, self.permutation), _rows(self.second, self.permutation)

    @cached_property
    def decrypting(self) -> tuple[_Rows, _Rows]:
        """Substitution by the inverse of either table, then the inverse permutation. Key bit 0 takes the second."""
        back = _inverse(self.permutation)
        return _rows(_inverse(self.second), back), _rows(_inverse(self.first), back)

    @cached_property
    def moving(self) -> tuple[_Rows, _Rows]:
        """The permutation alone, and its inverse."""
        same = tuple(range(16))
        return _rows(same, self.permutation), _rows(same, _inverse(self.permutation))


class Sta:
    """EA07 under one key, with the operator's tables. A block is 64 bits; the key's first byte is uppermost."""

    key_bytes: ClassVar[int] = KEY_BYTES
    __slots__ = ("_decrypting", "_encrypting", "_moving")

    def __init__(self, key: bytes, tables: StaTables) -> None:
        """Take a key of 8 bytes. Raises KeyRefused. IEC 62055-41, 6.5."""
        if len(key) != KEY_BYTES:
            raise KeyRefused(f"EA07 needs a decoder key of {KEY_BYTES} bytes, not {len(key)}")
        number = int.from_bytes(key, "big")
        first = first_round_key(number)
        self._encrypting = [_chosen(_rotated(first, -n), 3, tables.encrypting) for n in range(_ROUNDS)]
        self._decrypting = [_chosen(_rotated(number, n), 0, tables.decrypting) for n in range(_ROUNDS)]
        self._moving = tables.moving

    def encrypt(self, block: int) -> int:
        """Return `block` (64 bits) encrypted: in each round substituted, then permuted."""
        for rows in self._encrypting:
            block = _put_through(block, rows)
        return block

    def decrypt(self, block: int) -> int:
        """Return `block` (64 bits) decrypted.

        Here each round permutes first; so one permutation goes before all rounds, and the last round's is taken back.
        """
        there, back = self._moving
        block = _put_through(block, back)
        for rows in self._decrypting:
            block = _put_through(block, rows)
        return _put_through(block, there)


def first_round_key(key: int) -> int:
    """Return the key (64 bits) of encryption's first round: the decoder key complemented and turned right by 12."""
    return _rotated(key ^ _MASK, 12)


def sta_tables(text: str) -> StaTables:
    """Read the tables from JSON: an object with `S1` and `S2` (16 numbers each) and `P` (64). Raises TablesError."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise TablesError("EA07's tables are not JSON") from None
    if not isinstance(found, Mapping):
        raise TablesError("EA07's tables must be an object with S1, S2 and P")
    return StaTables(*(_numbers(name, found.get(name)) for name in ("S1", "S2", "P")))


def _numbers(name: str, found: object) -> tuple[int, ...]:
    if not isinstance(found, Sequence) or not all(type(number) is int for number in found):
        raise TablesError(f"EA07's table {name} must be a list of whole numbers")
    return tuple(found)


def _rotated(number: int, right: int) -> int:
    right %= 64
    return (number >> right | number << 64 - right) & _MASK


def _chosen(key: int, bit: int, tables: tuple[_Rows, _Rows]) -> _Rows:
    """Return each nibble's row: of the first table where that bit of the key's nibble is 0, else of the second."""
    return tuple(tables[key >> 4 * n + bit & 1][n] for n in range(16))


def _put_through(block: int, rows: _Rows) -> int:
    result = 0
    for row in rows:
        result |= row[block & 15]
        block >>= 4
    return result


def _rows(substitution: tuple[int, ...], permutation: tuple[int, ...]) -> _Rows:
    return tuple(tuple(_moved(value, n, permutation) for value in substitution) for n in range(16))


def _moved(value: int, nibble: int, permutation: tuple[int, ...]) -> int:
    return sum(1 << permutation[4 * nibble + bit] for bit in range(4) if value >> bit & 1)


def _inverse(table: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(range(len(table)), key=table.__getitem__))
