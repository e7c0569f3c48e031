"""Keys as they are kept between two starts, and the cipher that each makes."""

from dataclasses import replace
from typing import Any

from domain.sts.ciphers import BlockCipher, cipher_of
from domain.sts.decoder_keys import KeyType, MeterKey, decoder_key
from domain.sts.key_change import NewKey
from domain.sts.tids import BaseDate


def vending_name(key: MeterKey) -> str:
    """Return the name of the vending key that `key` is made from."""
    return f"{key.supply_group}_{key.revision}"


def made_key(key: MeterKey, vending_keys: dict[str, bytes]) -> bytes:
    """Return the decoder key. Raises KeyError where the vending key is unknown."""
    return decoder_key(vending_keys[vending_name(key)], key)


def cipher(key: MeterKey, made: bytes) -> BlockCipher:
    """Return the cipher under a decoder key."""
    return cipher_of(key.encryption, made)


def kept(key: MeterKey) -> dict[str, Any]:
    """Return what of a key may change, to be kept."""
    return {
        "supply_group": key.supply_group,
        "revision": key.revision,
        "key_type": int(key.key_type),
        "tariff_index": key.tariff_index,
        "base": key.base.value,
        "expiry": key.expiry,
    }


def with_kept(key: MeterKey, said: dict[str, Any]) -> MeterKey:
    """Return `key` as it was kept."""
    return replace(key, **{**said, "key_type": KeyType(said["key_type"]), "base": BaseDate(said["base"])})


def learned(key: MeterKey, new: NewKey) -> MeterKey:
    """Return what a meter knows of its key after a key change."""
    later = {BaseDate.Y1993: BaseDate.Y2014, BaseDate.Y2014: BaseDate.Y2035, BaseDate.Y2035: BaseDate.Y1993}
    return replace(
        key,
        supply_group=new.supply_group or key.supply_group,
        revision=new.revision,
        key_type=new.key_type,
        tariff_index=new.tariff_index,
        base=later[key.base] if new.rollover else key.base,
        expiry=new.expiry,
    )
