"""Decoder keys, block by block."""

from dataclasses import replace

import pytest

from domain.sts.ciphers import Encryption
from domain.sts.decoder_keys import (
    Generation,
    KeyType,
    MeterKey,
    control_block,
    decoder_key,
    generation,
    hmac_message,
    pan_block,
)
from domain.sts.errors import KeyRefused, NumberError, RangeError, UnsupportedError
from domain.sts.meters import meter_pan
from domain.sts.tids import BaseDate

DES = MeterKey(
    pan="600727000000000009",
    supply_group="123456",
    revision=1,
    base=BaseDate.Y1993,
    encryption=Encryption.STA,
    generation=Generation.DES,
)
HMAC = MeterKey(pan="600727000000000009", supply_group="201457", revision=1)
VENDING_KEY = bytes.fromhex("abababababababab949494949494949401234567")


def test_dkga02() -> None:
    assert pan_block(DES).hex() == "0072700000000000"
    assert control_block(DES).hex() == "2123456011ffffff"
    assert decoder_key(b"\xab" * 8, DES).hex() == "e653341f9d5bf36f"


def test_dkga02_for_thirteen_digits() -> None:
    key = replace(DES, pan="000001000000000082")
    assert pan_block(key).hex() == "0000100000000008"
    assert decoder_key(b"\xab" * 8, key).hex() == "e94023262e9993c2"


def test_dkga02_for_an_initialisation_key() -> None:
    key = replace(DES, pan=meter_pan("47500150231"), supply_group="000046", key_type=KeyType.INITIALISATION)
    assert decoder_key(bytes.fromhex("0abc12def3456789"), key).hex() == "eb4ad6d9e42e59f7"


def test_a_common_key_names_no_meter() -> None:
    key = replace(DES, pan=meter_pan("12345678102", "123456", check=False))
    assert pan_block(key).hex() == "2345612345678102"
    assert pan_block(replace(key, key_type=KeyType.COMMON)).hex() == "2345600000000000"


def test_dkga04() -> None:
    message = "04023034023134023131023031000406323031343537013201311236303037323730303030303030303030303900000080"
    assert hmac_message(HMAC).hex() == message
    assert decoder_key(VENDING_KEY, HMAC).hex() == "929bd3a415c9420a05ec5ee9f3ce91c3"


def test_dkga04_for_ea07() -> None:
    key = replace(HMAC, encryption=Encryption.STA)
    message = "04023034023134023037023031000406323031343537013201311236303037323730303030303030303030303900000040"
    assert hmac_message(key).hex() == message
    assert decoder_key(VENDING_KEY, key).hex() == "87f3ecbb2e46b48f"


@pytest.mark.parametrize("length", [0, 8, 16, 19, 21, 24])
def test_vending_keys_of_the_wrong_length(length: int) -> None:
    with pytest.raises(KeyRefused):
        decoder_key(bytes(length), HMAC)
    if length != 8:
        with pytest.raises(KeyRefused):
            decoder_key(bytes(length), DES)


def test_what_is_not_done() -> None:
    for number in ("01", "03", "05", ""):
        with pytest.raises(UnsupportedError):
            generation(number)
    with pytest.raises(UnsupportedError):
        decoder_key(bytes(8), replace(DES, encryption=Encryption.MISTY1))
    with pytest.raises(UnsupportedError):
        decoder_key(VENDING_KEY, replace(HMAC, key_type=KeyType.COMMON))


@pytest.mark.parametrize(
    "wrong",
    [
        {"revision": 0},
        {"revision": 10},
        {"tariff_index": 100},
        {"tariff_index": -1},
        {"expiry": 256},
        {"supply_group": "20145"},
        {"supply_group": "20145x"},
        {"supply_group": "٢٠١٤٥٧"},
    ],
)
def test_fields_out_of_range(wrong: dict[str, object]) -> None:
    with pytest.raises(RangeError):
        replace(HMAC, **wrong)


def test_a_wrong_pan() -> None:
    with pytest.raises(NumberError):
        replace(HMAC, pan="600727000000000008")
