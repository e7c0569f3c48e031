"""The meter's key that a line speaks of."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.cli.sts.fields import Fields, LineError
from domain.sts.ciphers import BlockCipher, cipher_of, encryption
from domain.sts.decoder_keys import Generation, KeyType, MeterKey, decoder_key, generation
from domain.sts.errors import within
from domain.sts.meters import checked_pan, meter_pan
from domain.sts.sta import StaTables
from domain.sts.tids import NEVER_EXPIRES, BaseDate

KEY_FIELDS = ("pan", "drn", "iin", "sgc", "krn", "kt", "ti", "bd", "base", "ea", "dkga")
_DECIDING = (*KEY_FIELDS, "vk", "dk")
_MOST_KEPT = 4096


@dataclass(frozen=True, slots=True)
class Operator:
    """What the operator supplies besides the lines: the tables of EA07, and vending keys in the environment."""

    tables: StaTables | None = None
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    ciphers: dict[str, BlockCipher] = field(default_factory=dict, repr=False)


def cipher(fields: Fields, operator: Operator) -> BlockCipher:
    """Return the cipher under the decoder key: made from the vending key, or from `dk` where there is no `vk`.

    Those of the last lines are kept: lines tend to speak of the same meter.
    """
    said = repr(fields.only(_DECIDING))
    if said not in operator.ciphers:
        if len(operator.ciphers) >= _MOST_KEPT:
            operator.ciphers.clear()
        operator.ciphers[said] = _cipher(fields, operator)
    return operator.ciphers[said]


def _cipher(fields: Fields, operator: Operator) -> BlockCipher:
    algorithm = encryption(fields.digits(2, "ea"))
    if fields.has("dk") and not fields.has("vk"):
        return cipher_of(algorithm, fields.secret("dk"), operator.tables)
    return cipher_of(algorithm, made_key(fields, meter_key(fields), operator), operator.tables)


def made_key(fields: Fields, key: MeterKey, operator: Operator) -> bytes:
    """Return the decoder key of `key`, from `vk` or from STS_VENDING_KEY_<supply group>_<revision>."""
    name = f"STS_VENDING_KEY_{key.supply_group}_{key.revision}"
    if not fields.has("vk") and name in operator.environment:
        return decoder_key(Fields({name: operator.environment[name]}).secret(name), key)
    return decoder_key(fields.secret("vk"), key)


def meter_key(fields: Fields, expiry: int = NEVER_EXPIRES) -> MeterKey:
    """Return everything but the vending key that decides the decoder key."""
    algorithm = generation(fields.digits(2, "dkga"))
    return MeterKey(
        pan=_pan(fields),
        supply_group=fields.digits(6, "sgc"),
        revision=fields.whole("krn"),
        key_type=key_type(fields),
        tariff_index=fields.whole("ti"),
        base=base(fields) if fields.has("bd", "base") or algorithm is not Generation.DES else BaseDate.Y1993,
        encryption=encryption(fields.digits(2, "ea")),
        generation=algorithm,
        expiry=expiry,
    )


def key_type(fields: Fields) -> KeyType:
    """Return the key type; a unique key unless it is said."""
    return KeyType(within("key type", fields.whole("kt"), 3)) if fields.has("kt") else KeyType.UNIQUE


def expiry(fields: Fields) -> int:
    """Return the key expiry number; never unless it is said."""
    return within("key expiry number", fields.whole("ken"), 0xFF) if fields.has("ken") else NEVER_EXPIRES


def base(fields: Fields) -> BaseDate:
    """Return the base date, from its code or its year."""
    said = fields.digits(2, "bd", "base")
    for known in BaseDate:
        if said in {known.value, known.name[1:]}:
            return known
    raise LineError("field", "bd must be 93, 14 or 35")


def _pan(fields: Fields) -> str:
    if fields.has("pan"):
        return checked_pan(fields.digits(18, "pan"))
    if not fields.has("drn"):
        raise LineError("field", "pan or drn is missing")
    return meter_pan(fields.text("drn"), fields.text("iin") if fields.has("iin") else None)
