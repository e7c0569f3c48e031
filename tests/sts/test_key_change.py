"""A meter is given another key in two, three or four tokens."""

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.sts.ciphers import Encryption, cipher_of
from domain.sts.decoder_keys import Generation, KeyType, MeterKey
from domain.sts.errors import KeyRefused, RangeError, UnsupportedError
from domain.sts.key_change import FirstSection, FourthSection, SecondSection, ThirdSection, assembled, key_change
from domain.sts.meters import meter_pan
from domain.sts.tids import BaseDate
from domain.sts.tokens import decode, encode
from tests.sts.vectors import KEY, TABLES, issued, read

LONG = MeterKey(pan="600727000000000009", supply_group="201457", revision=1)
SHORT = replace(LONG, encryption=Encryption.STA)
NEW = st.builds(
    replace,
    st.sampled_from([LONG, SHORT]),
    supply_group=st.integers(0, 999_999).map("{:06d}".format),
    revision=st.integers(1, 9),
    key_type=st.sampled_from(KeyType),
    tariff_index=st.integers(0, 99),
    base=st.sampled_from(BaseDate),
    expiry=st.integers(0, 255),
)


@settings(deadline=None)
@given(NEW, st.binary(min_size=16, max_size=16), st.sampled_from([None, True, False]), st.randoms())
def test_a_meter_learns_its_new_key(new: MeterKey, material: bytes, with_group: bool | None, random: object) -> None:
    old = replace(LONG, encryption=new.encryption)
    length = new.encryption.key_bytes
    under = cipher_of(new.encryption, bytes(length), TABLES)
    sections = key_change(old, new, material[:length], with_group=with_group)
    tokens = [encode(section, under) for section in sections]
    random.shuffle(tokens)  # type: ignore[attr-defined]
    learnt = assembled(decode(token, under) for token in tokens)
    assert learnt.decoder_key == material[:length]
    assert (learnt.revision, learnt.key_type, learnt.tariff_index) == (new.revision, new.key_type, new.tariff_index)
    assert (learnt.expiry, learnt.rollover) == (new.expiry, new.base is not old.base)
    assert learnt.supply_group == (new.supply_group if len(sections) > 2 else None)


def test_how_many_tokens_it_takes() -> None:
    assert [section.sub for section in key_change(LONG, replace(LONG, revision=2), bytes(16))] == [3, 4, 8, 9]
    assert [section.sub for section in key_change(SHORT, replace(SHORT, revision=2), bytes(8))] == [3, 4]
    elsewhere = replace(SHORT, supply_group="201460")
    assert [section.sub for section in key_change(SHORT, elsewhere, bytes(8))] == [3, 4, 8]
    assert [section.sub for section in key_change(SHORT, elsewhere, bytes(8), with_group=False)] == [3, 4]


def test_what_no_key_change_does() -> None:
    with pytest.raises(UnsupportedError):
        key_change(LONG, SHORT, bytes(8))
    with pytest.raises(RangeError):
        key_change(LONG, replace(LONG, pan=meter_pan("47001582544")), bytes(16))
    with pytest.raises(KeyRefused):
        key_change(LONG, LONG, bytes(8))


def test_sections_that_make_no_key() -> None:
    whole = key_change(LONG, replace(LONG, supply_group="999999"), bytes(range(16)))
    assert all(assembled(order) == assembled(whole) for order in permutations(whole))
    for wrong in ([], whole[:2], whole[:3], [*whole, whole[0]], [whole[0], *whole[2:]]):
        if wrong != whole[:2]:
            with pytest.raises(KeyRefused):
                assembled(wrong)
    first, second, *_ = whole
    with pytest.raises(RangeError):
        assembled([first, second, ThirdSection(0xFFF, 0), FourthSection(244, 0)])
    promised = replace(first, third_follows=True)
    assert isinstance(promised, FirstSection)
    assert isinstance(second, SecondSection)
    with pytest.raises(KeyRefused):
        assembled([promised, second])


def test_by_the_command_in_three_tokens() -> None:
    old = {**KEY, "ea": "07", "cls": 2}
    change = {**old, "new": {"sgc": "201460", "krn": 7, "ken": 85}}
    tokens = issued(change)["tokens"]
    assert [read({**old, "token": token})["sub"] for token in tokens] == [3, 4, 8]
    assert [issued({**change, "sub": sub})["token"] for sub in (3, 4, 8)] == tokens
    fields = [read({**old, "token": token})["kct_fields"] for token in tokens]
    assert (fields[0]["kenho"], fields[0]["k3"], fields[1]["kenlo"], fields[2]["sgc"]) == (5, 1, 5, "201460")
    assert issued({**change, "sub": 9})["error"] == "field"
    assert read({**old, "token": issued({**change, "sub": 3, "bit3kct": 0})["token"]})["bit3kct"] == 0


def test_under_dkga02_the_line_says_whether_the_base_date_changes() -> None:
    old = {**KEY, "ea": "07", "dkga": "02", "vk": "abababababababab", "cls": 2, "sub": 3}
    del old["bd"]
    for change in ({"rollover": 1}, {"kct_fields": {"ro": 1}}):
        token = issued({**old, **change, "new": {"krn": 2}})["token"]
        assert read({**old, "token": token})["rollover"] == 1
    assert read({**old, "token": issued({**old, "new": {"krn": 2}})["token"]})["rollover"] == 0
    assert Generation.DES.vending_key_bytes == 8


def test_a_new_decoder_key_may_be_given_as_it_is() -> None:
    change = {**KEY, "cls": 2, "sub": 4, "new": {"ti": "02", "dk": "00112233445566778899aabbccddeeff"}}
    assert read({**KEY, "token": issued(change)["token"]})["kct_fields"]["nklo"] == "ccddeeff"


def test_one_command_one_cipher() -> None:
    change = {**KEY, "cls": 2, "new": {"ea": "07", "krn": 2}}
    assert issued(change)["error"] == "unsupported"
