"""Of altered digits the checksum lets about 1 in 65,536 through, and fields out of range are refused after that."""

from collections.abc import Callable
from math import sqrt
from random import Random

import pytest

from domain.sts.ciphers import Encryption, cipher_of
from domain.sts.credit import Credit, Service
from domain.sts.errors import StsError
from domain.sts.meter_tests import meter_test
from domain.sts.tokens import Token, decode, encode

LET_THROUGH = 1 / 65536


def some_credit(random: Random) -> Token:
    return Credit(Service.ELECTRICITY, random.randrange(16), random.randrange(1 << 24), random.randrange(9999))


def some_meter_test(random: Random) -> Token:
    return meter_test(random.randrange(19), random.randrange(2))


def accepted_of(tries: int, make: Callable[[Random], Token], seed: int) -> int:
    """Return how many of `tries` tokens with one to four digits altered are accepted."""
    random, accepted = Random(seed), 0
    for number in range(tries):
        if number % 1000 == 0:
            cipher = cipher_of(Encryption.MISTY1, random.randbytes(16))
            digits = encode(make(random), cipher)
        altered = list(digits)
        for place in random.sample(range(20), random.randint(1, 4)):
            altered[place] = str((int(altered[place]) + random.randint(1, 9)) % 10)
        try:
            read = decode("".join(altered), cipher)
        except StsError:
            continue
        accepted += 1
        assert encode(read, cipher) == "".join(altered)
    return accepted


def most_expected(tries: int) -> float:
    """Return what chance exceeds about once in a million runs."""
    expected = tries * LET_THROUGH
    return expected + 5 * sqrt(expected)


@pytest.mark.parametrize("make", [some_credit, some_meter_test])
def test_altered_digits(make: Callable[[Random], Token]) -> None:
    assert accepted_of(20_000, make, seed=1) <= most_expected(20_000) + 3


@pytest.mark.long
@pytest.mark.parametrize("make", [some_credit, some_meter_test])
def test_two_million_altered_tokens(
    make: Callable[[Random], Token], record_property: Callable[[str, object], None]
) -> None:
    tries = 2_000_000  # the checksum alone passes about 31
    accepted = accepted_of(tries, make, seed=2)
    record_property("accepted", accepted)
    assert accepted <= most_expected(tries)
