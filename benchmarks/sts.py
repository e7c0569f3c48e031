"""Tokens a second in one process, against a floor: one block through a library's cipher, as 20 digits and back.

The floor's cipher is C (DES of three keys), and it checks nothing: no fields, no checksum, no class.
"""

from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter
from typing import Any

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, modes

from benchmarks.world import World
from domain.sts.ciphers import Encryption, cipher_of
from domain.sts.credit import Credit, Service
from domain.sts.decoder_keys import MeterKey, decoder_key
from domain.sts.meters import meter_pan
from domain.sts.tokens import decode, encode

RUNS = 5
TOKENS = 20_000
METERS = 5_000
VENDING_KEY = bytes(range(20))


def measure(_: World) -> dict[str, Any]:
    """Return the medians of floor and engine, and their ratios. The servers are not needed."""
    tokens = [Credit(Service(n % 4), n % 16, n * 419 % (1 << 24), n * 7 % (1 << 16)) for n in range(TOKENS)]
    cipher = cipher_of(Encryption.MISTY1, bytes(range(16)))
    digits = [encode(token, cipher) for token in tokens]
    if [decode(token, cipher) for token in digits] != tokens:
        raise RuntimeError("the tokens did not come back as they were")
    runs = [_run(tokens, digits) for _ in range(RUNS)]
    floors, encoded, decoded, fresh = ([run[n] for run in runs] for n in range(4))
    return {
        "floor_per_second": round(median(floors)),
        "encoded_per_second": round(median(encoded)),
        "decoded_per_second": round(median(decoded)),
        "wanted_per_second": 10_000,
        "encoded_for_new_meters_per_second": round(median(fresh)),
        "encoded_ratio": round(median(e / f for e, f in zip(encoded, floors, strict=True)), 3),
        "decoded_ratio": round(median(d / f for d, f in zip(decoded, floors, strict=True)), 3),
        "wanted_ratio": 0.05,
    }


def _run(tokens: Sequence[Credit], digits: Sequence[str]) -> tuple[float, ...]:
    """Measure each once, one after the other, so that all see the same machine."""
    cipher = cipher_of(Encryption.MISTY1, bytes(range(16)))
    floor = Cipher(TripleDES(bytes(range(24))), modes.ECB()).encryptor()  # noqa: S305
    numbers = range(METERS)
    return (
        _per_second(lambda number: _through(floor, number), range(TOKENS)),
        _per_second(lambda token: encode(token, cipher), tokens),
        _per_second(lambda token: decode(token, cipher), digits),
        _per_second(_for_a_new_meter, numbers),
    )


def _per_second(work: Callable[[Any], object], over: Sequence[Any]) -> float:
    start = perf_counter()
    for one in over:
        work(one)
    return len(over) / (perf_counter() - start)


def _through(cipher: CipherContext, number: int) -> int:
    sent = f"{int.from_bytes(cipher.update(number.to_bytes(8, 'big')), 'big'):020d}"
    return int(sent)


def _for_a_new_meter(number: int) -> str:
    """Issue a meter's only token: its decoder key is made, and the cipher's subkeys."""
    key = MeterKey(pan=meter_pan(f"{number:011d}", check=False), supply_group="201457", revision=1)
    token = Credit(Service.ELECTRICITY, 5, number, 256)
    return encode(token, cipher_of(key.encryption, decoder_key(VENDING_KEY, key)))
