"""Any token there can be, under any key."""

from typing import Any

from hypothesis import strategies as st

from domain.sts.ciphers import BlockCipher, Encryption, cipher_of
from domain.sts.credit import Credit, CurrencyCredit, Service
from domain.sts.decoder_keys import KeyType
from domain.sts.key_change import FirstSection, FourthSection, GroupSection, SecondSection, ThirdSection
from domain.sts.management import Management, Register, Setting
from domain.sts.meter_tests import CONTROL_BITS, MeterTest
from domain.sts.tokens import Token
from tests.sts.vectors import TABLES

RND = st.integers(0, 15)
TID = st.integers(0, (1 << 24) - 1)
FIELD = st.integers(0, 0xFFFF)
PART = st.integers(0, 0xFFFFFFFF)


def _value(setting: Setting) -> st.SearchStrategy[int]:
    if setting is Setting.CLEAR_CREDIT:
        return st.sampled_from(Register).map(int)
    return st.just(0) if setting is Setting.CLEAR_TAMPER else FIELD


def _meter_test(sub: int) -> st.SearchStrategy[MeterTest]:
    manufacturers = st.integers(0, 9999 if sub == 1 else 99)
    return st.builds(MeterTest, st.just(sub), st.integers(0, (1 << CONTROL_BITS[sub]) - 1), manufacturers)


def first_section(third: st.SearchStrategy[bool]) -> st.SearchStrategy[FirstSection]:
    return st.builds(FirstSection, RND, st.integers(1, 9), st.booleans(), third, st.sampled_from(KeyType), PART)


PLAIN: list[st.SearchStrategy[Any]] = [
    st.builds(Credit, st.sampled_from(Service), RND, TID, FIELD),
    st.builds(CurrencyCredit, st.sampled_from(Service), TID, st.integers(0, 0xFFFFF)),
    st.sampled_from(Setting).flatmap(
        lambda setting: st.builds(Management, st.just(setting), RND, TID, _value(setting))
    ),
    st.sampled_from(range(3)).flatmap(_meter_test),
    st.builds(SecondSection, RND, st.integers(0, 99), PART),
]
SHORT = st.one_of(*PLAIN, first_section(st.booleans()), st.builds(GroupSection, st.integers(0, 999_999)))
LONG = st.one_of(
    *PLAIN,
    first_section(st.just(value=False)),
    st.builds(ThirdSection, st.integers(0, 0xFFF), PART),
    st.builds(FourthSection, st.integers(0, 244), PART),
)
MISTY1 = st.binary(min_size=16, max_size=16).map(lambda key: cipher_of(Encryption.MISTY1, key))
STA = st.binary(min_size=8, max_size=8).map(lambda key: cipher_of(Encryption.STA, key, TABLES))
TOKENS: st.SearchStrategy[tuple[Token, BlockCipher]] = st.tuples(LONG, MISTY1) | st.tuples(SHORT, STA)
