"""Any token comes back as it was; what is none is refused, and by a declared error."""

from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.sts.ciphers import BlockCipher, Encryption, cipher_of
from domain.sts.crc import crc_of
from domain.sts.credit import Credit, Service
from domain.sts.digits import LARGEST, from_digits, grouped, to_digits
from domain.sts.errors import CrcError, FormatError, KeyRefused, RangeError, ReservedError, StsError
from domain.sts.key_change import FirstSection, FourthSection, GroupSection, ThirdSection
from domain.sts.management import Management, Setting
from domain.sts.meter_tests import MeterTest, meter_test
from domain.sts.tokens import Token, block_of, decode, encode
from tests.sts.strategies import MISTY1, STA, TOKENS
from tests.sts.vectors import TABLES

LONG = cipher_of(Encryption.MISTY1, bytes(range(16)))
SHORT = cipher_of(Encryption.STA, bytes(range(8)), TABLES)


@settings(max_examples=2000, deadline=None)
@given(TOKENS)
def test_there_and_back(what: tuple[Token, BlockCipher]) -> None:
    token, cipher = what
    digits = encode(token, cipher)
    assert len(digits) == 20
    assert digits.isdigit()
    assert int(digits) <= LARGEST
    assert decode(digits, cipher) == token
    assert decode(grouped(digits), cipher) == token


@settings(max_examples=2000, deadline=None)
@given(st.text(min_size=20, max_size=20) | st.text(), MISTY1 | STA | st.none())
@example("٠" * 20, None)
@example("²" * 20, None)
@example("0" * 19 + "\n", None)
@example("+" + "0" * 19, None)
@example("1_000_000_000_000_00", None)
@example("9" * 20, None)
@example("\ud800" * 20, None)
def test_any_text_is_a_token_or_refused(text: str, cipher: BlockCipher | None) -> None:
    with suppress(StsError):
        decode(text, cipher)


@settings(max_examples=5000, deadline=None)
@given(st.integers(0, LARGEST), MISTY1 | STA | st.none())
def test_any_digits_are_a_token_or_refused(number: int, cipher: BlockCipher | None) -> None:
    with suppress(StsError):
        assert int(encode(decode(f"{number:020d}", cipher), cipher)) == number


@settings(max_examples=5000, deadline=None)
@given(st.integers(0, 3), st.integers(0, (1 << 48) - 1), st.sampled_from([LONG, SHORT]))
def test_what_passes_the_checksum_is_a_token_or_refused(cls: int, filled: int, cipher: BlockCipher) -> None:
    """Every subclass and payload, as if its checksum had been right by chance."""
    block = filled << 16 | crc_of(cls, filled << 16, currency=cls == 0 and filled >> 44 in range(4, 8))
    digits = to_digits(cls, block if cls == 1 else cipher.encrypt(block))
    with suppress(RangeError, ReservedError):
        assert encode(decode(digits, cipher), cipher) == digits


@pytest.mark.parametrize(
    "text", ["", "0" * 19, "0" * 21, "٠" * 20, "a" * 20, "9" * 20, str(LARGEST + 1), "0000_0000_0000_0000_0"]
)
def test_what_is_no_token(text: str) -> None:
    with pytest.raises(FormatError):
        decode(text, LONG)


def test_the_class_takes_the_place_of_two_bits() -> None:
    assert to_digits(0, 0x492083C0AE7CE455) == "23716100501183194197"
    assert from_digits("23716100501183194197") == (0, 0x492083C0AE7CE455)
    assert int(to_digits(0, 0xC45ED1619406DF95)) == 0x2C45ED1618406DF95
    assert to_digits(0, 0xD431F4B09E0E9F62) == "70630503470028726114"
    assert to_digits(0, 0x2D98A5617B45BE2E) == "58625789986991357486"


@pytest.mark.parametrize(
    ("message", "crc"),
    [(0x000B19EB230100, 0xC207), (0x00004A2D900FF2, 0x0FFA), (0x00055998630001, 0x19E6), (0x0005014EEC0001, 0x3188)],
)
def test_checksums(message: int, crc: int) -> None:
    assert crc_of(0, message << 16) == crc


def test_the_block_of_a_token() -> None:
    assert block_of(Credit(Service.ELECTRICITY, 5, 85740, 1)) == 0x05014EEC00013188


def test_what_is_encrypted_needs_a_key() -> None:
    token = Credit(Service.ELECTRICITY, 5, 85740, 1)
    with pytest.raises(KeyRefused):
        encode(token)
    with pytest.raises(KeyRefused):
        decode(encode(token, LONG))


def test_another_key_reads_nothing() -> None:
    with pytest.raises(CrcError):
        decode(encode(Credit(Service.ELECTRICITY, 5, 85740, 1), LONG), cipher_of(Encryption.MISTY1, bytes(16)))


def forged(cls: int, sub: int, payload: int, cipher: BlockCipher = LONG) -> str:
    """Return the digits of a block with a right checksum, whatever it holds."""
    block = sub << 60 | payload << 16
    block |= crc_of(cls, block, currency=cls == 0 and sub in range(4, 8))
    return to_digits(cls, block if cls == 1 else cipher.encrypt(block))


RESERVED = [(0, sub) for sub in range(8, 16)] + [(1, sub) for sub in range(3, 16)] + [(2, sub) for sub in range(11, 16)]


@pytest.mark.parametrize(("cls", "sub"), [*RESERVED, (3, 0), (3, 15)])
def test_reserved_classes_and_subclasses(cls: int, sub: int) -> None:
    with pytest.raises(ReservedError):
        decode(forged(cls, sub, 0), LONG)


OUT_OF_RANGE = [
    (1, 0, 100, LONG),  # a manufacturer of two digits
    (1, 1, 10_000, LONG),  # of four
    (1, 2, 100, LONG),
    (2, 1, 8, LONG),  # a register that there isn't
    (2, 1, 0xFFFE, LONG),
    (2, 5, 1, LONG),  # padding
    (2, 3, 0, LONG),  # key revision 0
    (2, 3, 10 << 36, LONG),
    (2, 3, 1 << 36 | 4 << 32, LONG),  # a third section of short keys follows a long one
    (2, 4, 100 << 32, LONG),  # tariff index
    (2, 8, 1_000_000 << 20, SHORT),  # supply group
    (2, 8, 1, SHORT),  # padding
    (2, 9, 245 << 32, LONG),
]


@pytest.mark.parametrize(("cls", "sub", "payload", "cipher"), OUT_OF_RANGE)
def test_fields_out_of_range_are_refused(cls: int, sub: int, payload: int, cipher: BlockCipher) -> None:
    with pytest.raises(RangeError):
        decode(forged(cls, sub, payload, cipher), cipher)


def test_there_is_no_fourth_section_of_short_keys() -> None:
    with pytest.raises(ReservedError):
        decode(forged(2, 9, 0, SHORT), SHORT)


@pytest.mark.parametrize(
    ("token", "cipher"),
    [
        (GroupSection(1), LONG),
        (ThirdSection(1, 1), SHORT),
        (FourthSection(1, 1), SHORT),
        (FirstSection(1, 1, rollover=False, third_follows=True, key_type=2, part=1), LONG),
    ],
)
def test_sections_of_keys_of_another_length(token: Token, cipher: BlockCipher) -> None:
    with pytest.raises(RangeError):
        encode(token, cipher)


def test_fields_that_no_token_has() -> None:
    for make in (
        lambda: Credit(Service.WATER, 16, 0, 0),
        lambda: Credit(Service.WATER, 0, 1 << 24, 0),
        lambda: Credit(Service.WATER, 0, 0, -1),
        lambda: Management(Setting.CLEAR_TAMPER, 0, 0, 1),
        lambda: Management(Setting.TARIFF_RATE, 0, 0, 1 << 16),
        lambda: MeterTest(3, 0),
        lambda: MeterTest(1, 1 << 28),
        lambda: meter_test(37),
        lambda: meter_test(29, 1),
        lambda: meter_test(-1),
    ):
        with pytest.raises(RangeError):
            make()
