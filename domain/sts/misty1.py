"""The cipher of EA11: MISTY1 of eight rounds (RFC 2994; IEC 62055-41, 6.5: EA11)."""

from array import array
from typing import ClassVar, Final

from domain.sts.errors import KeyRefused
from domain.sts.misty1_boxes import S7, S9

KEY_BYTES: Final = 16
_HALF: Final = 0xFFFFFFFF
_WORD: Final = 0xFFFF

# FI(x, k) is _LEAVE[_ENTER[x] ^ k]: what comes before the key and what comes after it, for every 16 bits there are.
# In arrays, because 128 KiB each stay in a processor's cache and twenty times that as objects don't.
_ENTER: Final = array(
    "H", ((S7[low] ^ (nine := S9[high] ^ low) & 0x7F) << 9 | nine for high in range(512) for low in range(128))
)
_LEAVE: Final = array("H", (high << 9 | S9[low] ^ high for high in range(128) for low in range(512)))

_Pair = tuple[int, int]
_Seven = tuple[int, int, int, int, int, int, int]


class Misty1:
    """MISTY1 under one key, whose subkeys are laid out once. Blocks are 64 bits, the first byte uppermost."""

    key_bytes: ClassVar[int] = KEY_BYTES
    __slots__ = ("_after", "_pairs")

    def __init__(self, key: bytes) -> None:
        """Take a key of 16 bytes. Raises KeyRefused. RFC 2994, 2 (key scheduling)."""
        if len(key) != KEY_BYTES:
            raise KeyRefused(f"EA11 needs a decoder key of {KEY_BYTES} bytes, not {len(key)}")
        k = [int.from_bytes(key[at : at + 2], "big") for at in range(0, KEY_BYTES, 2)]
        j = [_LEAVE[_ENTER[k[n]] ^ k[(n + 1) % 8]] for n in range(8)]
        layers = [_fl_keys(k, j, n) for n in range(10)]
        rounds = [_fo_keys(k, j, n) for n in range(8)]
        self._pairs = [(layers[n], layers[n + 1], rounds[n], rounds[n + 1]) for n in range(0, 8, 2)]
        self._after = layers[8], layers[9]

    def encrypt(self, block: int) -> int:
        """Return `block` (64 bits) encrypted. RFC 2994, 2 (data randomizing)."""
        left, right = block >> 32, block & _HALF
        for of_left, of_right, first, second in self._pairs:
            left, right = _fl(left, of_left), _fl(right, of_right)
            right ^= _fo(left, first)
            left ^= _fo(right, second)
        of_left, of_right = self._after
        return _fl(right, of_right) << 32 | _fl(left, of_left)

    def decrypt(self, block: int) -> int:
        """Return `block` (64 bits) decrypted. RFC 2994, 2 (data randomizing)."""
        of_left, of_right = self._after
        right, left = _fl_undone(block >> 32, of_right), _fl_undone(block & _HALF, of_left)
        for of_left, of_right, first, second in reversed(self._pairs):
            left ^= _fo(right, second)
            right ^= _fo(left, first)
            left, right = _fl_undone(left, of_left), _fl_undone(right, of_right)
        return left << 32 | right


def _fl_keys(k: list[int], j: list[int], n: int) -> _Pair:
    t = n // 2
    return (j[(t + 2) % 8], k[(t + 4) % 8]) if n % 2 else (k[t], j[(t + 6) % 8])


def _fo_keys(k: list[int], j: list[int], n: int) -> _Seven:
    return k[n], j[(n + 5) % 8], k[(n + 2) % 8], j[(n + 1) % 8], k[(n + 7) % 8], j[(n + 3) % 8], k[(n + 4) % 8]


def _fl(half: int, keys: _Pair) -> int:
    high, low = half >> 16, half & _WORD
    low ^= high & keys[0]
    return (high ^ (low | keys[1])) << 16 | low


def _fl_undone(half: int, keys: _Pair) -> int:
    high, low = half >> 16, half & _WORD
    high ^= low | keys[1]
    return high << 16 | low ^ high & keys[0]


def _fo(half: int, keys: _Seven) -> int:
    k1, j1, k2, j2, k3, j3, k4 = keys
    high, low = half >> 16, half & _WORD
    high = _LEAVE[_ENTER[high ^ k1] ^ j1] ^ low
    low = _LEAVE[_ENTER[low ^ k2] ^ j2] ^ high
    high = _LEAVE[_ENTER[high ^ k3] ^ j3] ^ low
    return (low ^ k4) << 16 | high
