"""A meter's decoder key, from its row and the vending keys that the operator holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.meters import Meter
from domain.sts.ciphers import BlockCipher, cipher_of, encryption
from domain.sts.decoder_keys import KeyType, MeterKey, decoder_key, generation
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
        vending_key = self.vending_keys.get((key.supply_group, key.revision))
        if vending_key is None:
            raise Refused("key", f"STS_VENDING_KEY_{key.supply_group}_{key.revision} is not set")
        try:
            return cipher_of(key.encryption, decoder_key(vending_key, key), self.tables)
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
