"""A meter's decoder key, from its row and the vending keys that the operator holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.meters import Meter
from domain.sts.ciphers import BlockCipher, Encryption, cipher_of, encryption
from domain.sts.decoder_keys import Generation, KeyType, MeterKey, decoder_key, generation
from domain.sts.errors import StsError
from domain.sts.meters import meter_pan
from domain.sts.sta import StaTables
from domain.sts.tids import NEVER_EXPIRES, BaseDate
from domain.vendors.errors import Refused

_BASES = {code: base for base in BaseDate for code in (base.value, base.name[1:])}


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The operator's vending keys by supply group (6 digits) and revision, and EA07's tables. Never shown."""

    vending_keys: Mapping[tuple[str, int], bytes] = field(default_factory=dict, repr=False)
    tables: StaTables | None = field(default=None, repr=False)

    def cipher(self, key: MeterKey) -> BlockCipher:
        """Return the cipher under the meter's decoder key. Raises Refused (`key`)."""
        made = self.decoder_key(key)
        try:
            return cipher_of(key.encryption, made, self.tables)
        except StsError as error:
            raise Refused("key", str(error)) from error

    def decoder_key(self, key: MeterKey) -> bytes:
        """Return the meter's decoder key itself. Raises Refused (`key`)."""
        vending_key = self.vending_keys.get((key.supply_group, key.revision))
        if vending_key is None:
            raise Refused("key", f"STS_VENDING_KEY_{key.supply_group}_{key.revision} is not set")
        try:
            return decoder_key(vending_key, key)
        except StsError as error:
            raise Refused("key", str(error)) from error


def meter_key(meter: Meter) -> MeterKey:
    """Return what decides the decoder key of a meter, from its row.

    Raises Refused (`meter_data`) where a field is missing or no engine of ours can do what it says.
    """
    if meter.supply_group_code is None or meter.key_revision is None or meter.ea is None or meter.dkga is None:
        raise Refused("meter_data", "supply_group_code, key_revision, ea and dkga must be known")
    base = _BASES.get(meter.base_date or "2014")
    if base is None:
        raise Refused("meter_data", "base_date must be 1993, 2014 or 2035")
    try:
        return MeterKey(
            pan=meter_pan(meter.meter_no, meter.iin, check=False),
            supply_group=meter.supply_group_code.zfill(6),
            revision=meter.key_revision,
            key_type=KeyType(KeyType.UNIQUE if meter.key_type is None else meter.key_type),
            tariff_index=int(meter.tariff_index or "1"),
            base=base,
            encryption=encryption(meter.ea.zfill(2)),
            generation=generation(meter.dkga.zfill(2)),
            expiry=NEVER_EXPIRES if meter.key_expiry is None else meter.key_expiry,
        )
    except ValueError as error:  # StsError is one
        raise Refused("meter_data", str(error)) from error


def written(key: MeterKey) -> dict[str, Any]:
    """Return what decides a decoder key as it is kept: no key is in it."""
    return {
        "pan": key.pan,
        "supply_group": key.supply_group,
        "revision": key.revision,
        "key_type": int(key.key_type),
        "tariff_index": key.tariff_index,
        "base": key.base.value,
        "ea": key.encryption.value,
        "dkga": key.generation.value,
        "expiry": key.expiry,
    }


def read_key(kept: Mapping[str, Any]) -> MeterKey:
    """Return the key that was kept by `written`."""
    return MeterKey(
        pan=kept["pan"],
        supply_group=kept["supply_group"],
        revision=kept["revision"],
        key_type=KeyType(kept["key_type"]),
        tariff_index=kept["tariff_index"],
        base=BaseDate(kept["base"]),
        encryption=Encryption(kept["ea"]),
        generation=Generation(kept["dkga"]),
        expiry=kept["expiry"],
    )
