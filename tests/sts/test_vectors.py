"""Every vector of STS 531 that we hold comes out digit for digit, both ways."""

from typing import Any

import pytest

from domain.sts.ciphers import Encryption
from domain.sts.decoder_keys import KeyType, MeterKey, decoder_key
from domain.sts.meter_tests import Function, meter_test
from domain.sts.tids import BaseDate
from domain.sts.tokens import decode, encode
from tests.sts.vectors import VECTORS, issued, read

OURS = [pytest.param(vector, id=vector["id"]) for vector in VECTORS if vector["ea"] != "07"]
KEYED = [pytest.param(vector, id=vector["id"]) for vector in VECTORS if vector["ea"] is not None]

# By test number: for manufacturers of two digits, and of four.
METER_TESTS = """56493153725450313471 02305843005052951967
00000000000150997584 01152921509036054672
00000000000167774880 01152921513331042448
00000000000201328896 01152921521920952465
18446744073843772416 01152921539100838034
36893488147553322496 01152921573460543637
00000000000671093248 01152921642180020378
00000000001207974400 01152921779618973828
00000000002281728512 01152922054496880824
00000000004429208064 01152922604252694700
00000000008724195840 01152923703764322536
00000000017314105857 01152925902787577952
00000000034493991426 01152930300834089776
00000000068853697029 01152939096927112592
00000000137573173770 01152956689113154192
00000000275012127252 01152991873485249680
00000000549890034216 01153062242229428368
00000001099645848124 01153202979717788816
00000002199157475960 01153484454694514832
"""


@pytest.mark.parametrize("vector", OURS)
def test_issued_digit_for_digit(vector: dict[str, Any]) -> None:
    assert issued(vector) == {"token": vector["token"]}


@pytest.mark.parametrize("vector", OURS)
def test_read_field_for_field(vector: dict[str, Any]) -> None:
    said = read(vector)
    shared = {name: vector[name] for name in said if name in vector and name != "kct_fields"}
    assert {name: said[name] for name in shared} == shared
    assert {"cls", "sub"} <= shared.keys()
    for name, value in vector.get("kct_fields", {}).items():
        assert said["kct_fields"][name] == value
    assert shared.keys() & {"field16", "amt16", "v16", "field20", "control"} or vector["sub"] in {3, 4, 8, 9}


@pytest.mark.parametrize("vector", OURS)
def test_the_decoder_key_alone_does_as_well(vector: dict[str, Any]) -> None:
    without = {name: value for name, value in vector.items() if name not in {"vk", "pan", "sgc", "krn", "ti"}}
    assert read(without) == read(vector)


@pytest.mark.parametrize("vector", KEYED)
def test_decoder_keys(vector: dict[str, Any]) -> None:
    for said in (vector, {"ea": vector["ea"], **vector["new"]} if "new" in vector else vector):
        key = MeterKey(
            pan=said["pan"],
            supply_group=said["sgc"],
            revision=said["krn"],
            key_type=KeyType(said["kt"]),
            tariff_index=int(said["ti"]),
            base=BaseDate(said["bd"]),
            encryption=Encryption(said["ea"]),
        )
        assert decoder_key(bytes.fromhex(said["vk"]), key).hex() == said["dk"]


@pytest.mark.parametrize("number", range(19))
@pytest.mark.parametrize("sub", [0, 1])
def test_meter_tests(number: int, sub: int) -> None:
    digits = METER_TESTS.split()[2 * number + sub]
    assert encode(meter_test(Function(number), sub)) == digits
    assert decode(digits) == meter_test(number, sub)


@pytest.mark.parametrize(("control", "digits"), [(0, "02305843009347914912"), (0xFC0000000, "03440750115445279822")])
def test_extended_meter_tests(control: int, digits: str) -> None:
    assert issued({"cls": 1, "sub": 2, "control": control}) == {"token": digits}
    assert read({"token": digits}) == {"cls": 1, "sub": 2, "mfr": 0, "control": hex(control), "cbits": 36}


def test_a_whole_key_change() -> None:
    first, second, third = (
        next(vector for vector in VECTORS if vector["id"].endswith(f"CTSA19 {step}") and vector["sub"] == sub)
        for step, sub in (("step2", 3), ("step2", 4), ("step2", 8))
    )
    whole = {name: value for name, value in first.items() if name not in {"sub", "kct_fields"}}
    tokens = issued(whole)["tokens"]
    assert tokens[:3] == [first["token"], second["token"], third["token"]]
    assert len(tokens) == 4
