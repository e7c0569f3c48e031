"""The two ciphers: MISTY1 by its RFC, EA07 by its rules under tables made up for the tests."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.sts.ciphers import Encryption, cipher_of, encryption
from domain.sts.errors import KeyRefused, TablesError, UnsupportedError
from domain.sts.misty1 import Misty1
from domain.sts.misty1_boxes import S7, S9
from domain.sts.sta import Sta, StaTables, first_round_key, sta_tables
from tests.sts.vectors import TABLES

MASK = (1 << 64) - 1
BLOCKS = st.integers(0, MASK)
TABLE = st.permutations(range(16)).map(tuple)


def test_misty1_of_the_rfc() -> None:
    misty1 = Misty1(bytes.fromhex("00112233445566778899AABBCCDDEEFF"))
    for plain, sent in ((0x0123456789ABCDEF, 0x8B1DA5F56AB3D07C), (0xFEDCBA9876543210, 0x04B68240B13BE95D)):
        assert misty1.encrypt(plain) == sent
        assert misty1.decrypt(sent) == plain


def test_the_boxes_are_permutations() -> None:
    assert sorted(S7) == list(range(128))
    assert sorted(S9) == list(range(512))


@settings(deadline=None)
@given(st.binary(min_size=16, max_size=16), BLOCKS)
def test_misty1_there_and_back(key: bytes, block: int) -> None:
    misty1 = Misty1(key)
    assert misty1.decrypt(misty1.encrypt(block)) == block
    assert misty1.encrypt(misty1.decrypt(block)) == block


def naive_sta(key: int, block: int, tables: StaTables) -> int:
    """EA07 nibble by nibble and bit by bit."""
    turning = (~key & MASK) >> 12 | (~key << 52) & MASK
    for _ in range(16):
        substituted = 0
        for nibble in range(16):
            table = tables.second if turning >> (4 * nibble + 3) & 1 else tables.first
            substituted |= table[block >> 4 * nibble & 15] << 4 * nibble
        block = sum((substituted >> bit & 1) << tables.permutation[bit] for bit in range(64))
        turning = (turning << 1 | turning >> 63) & MASK
    return block


@settings(deadline=None)
@given(BLOCKS, BLOCKS, TABLE, TABLE, st.permutations(range(64)).map(tuple))
def test_sta_by_its_rules(
    key: int, block: int, first: tuple[int, ...], second: tuple[int, ...], places: tuple[int, ...]
) -> None:
    tables = StaTables(first, second, places)
    sta = Sta(key.to_bytes(8, "big"), tables)
    assert sta.encrypt(block) == naive_sta(key, block, tables)
    assert sta.decrypt(sta.encrypt(block)) == block


def test_the_first_round_key() -> None:
    assert first_round_key(0x0ABC12DEF3456789) == 0x876F543ED210CBA9


def test_tables_from_a_file() -> None:
    said = {"S1": TABLES.first, "S2": TABLES.second, "P": TABLES.permutation}
    assert sta_tables(json.dumps(said)) == TABLES


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "[" * 100_000,
        '{"S1": "abc", "S2": [], "P": []}',
        json.dumps({"S1": [*range(16)], "S2": [*range(15), 14], "P": [*range(64)]}),
        json.dumps({"S1": [*range(16)], "S2": [*range(16)], "P": [*range(63), 64]}),
        json.dumps({"S1": [*range(16)], "S2": [*range(16)], "P": [[]] * 64}),
        json.dumps({"S1": [True, False, *range(2, 16)], "S2": [*range(16)], "P": [*range(64)]}),
    ],
)
def test_wrong_tables(text: str) -> None:
    with pytest.raises(TablesError):
        sta_tables(text)


@pytest.mark.parametrize(("algorithm", "length"), [(Encryption.STA, 16), (Encryption.MISTY1, 8), (Encryption.STA, 0)])
def test_keys_of_the_wrong_length(algorithm: Encryption, length: int) -> None:
    with pytest.raises(KeyRefused):
        cipher_of(algorithm, bytes(length), TABLES)


def test_ea07_needs_its_tables() -> None:
    with pytest.raises(TablesError):
        cipher_of(Encryption.STA, bytes(8))


@pytest.mark.parametrize("number", ["09", "01", "12", "", "x"])
def test_other_algorithms_are_refused(number: str) -> None:
    with pytest.raises(UnsupportedError):
        encryption(number)
