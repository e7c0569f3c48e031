"""A meter's decoder key, made from its supply group's vending key (IEC 62055-41, 6.5: decoder key generation)."""

import hmac
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Final

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, modes

from domain.sts.ciphers import Encryption
from domain.sts.errors import KeyRefused, RangeError, UnsupportedError, within
from domain.sts.meters import checked_pan, parts_of
from domain.sts.tids import NEVER_EXPIRES, BaseDate

_LARGEST_INDEX: Final = 99
_LARGEST_REVISION: Final = 9


class Generation(Enum):
    """A decoder key generation algorithm that this engine does. The value is its number (DKGA)."""

    DES = "02"
    HMAC_SHA_256 = "04"

    @property
    def vending_key_bytes(self) -> int:
        """The length of the vending key that it takes."""
        return 8 if self is Generation.DES else 20


class KeyType(IntEnum):
    """What a decoder key is for (KT). IEC 62055-41, 6.5."""

    INITIALISATION = 0
    DEFAULT = 1
    UNIQUE = 2
    COMMON = 3


@dataclass(frozen=True, slots=True)
class MeterKey:
    """Everything, but the vending key, that decides a meter's decoder key. IEC 62055-41, 6.1 and 6.5.

    `pan` is 18 digits, `supply_group` 6; `revision` (KRN) is 1 to 9, `tariff_index` 0 to 99, `expiry` (KEN) 0 to 255.
    """

    pan: str
    supply_group: str
    revision: int
    key_type: KeyType = KeyType.UNIQUE
    tariff_index: int = 1
    base: BaseDate = BaseDate.Y2014
    encryption: Encryption = Encryption.MISTY1
    generation: Generation = Generation.HMAC_SHA_256
    expiry: int = NEVER_EXPIRES

    def __post_init__(self) -> None:
        """Raise NumberError or RangeError where a field is not as said above."""
        checked_pan(self.pan, check=False)
        if len(self.supply_group) != 6 or not (self.supply_group.isascii() and self.supply_group.isdigit()):
            raise RangeError("a supply group code has 6 digits")
        within("key revision number", self.revision, _LARGEST_REVISION, 1)
        within("tariff index", self.tariff_index, _LARGEST_INDEX)
        within("key expiry number", self.expiry, 0xFF)


def generation(number: str) -> Generation:
    """Return the algorithm of a DKGA number of two digits. Raises UnsupportedError. IEC 62055-41, 6.5."""
    if number in {"01", "03"}:
        raise UnsupportedError(f"DKGA{number} is obsolete, and no published figures say how it is computed: not done")
    try:
        return Generation(number)
    except ValueError:
        raise UnsupportedError(f"DKGA{number} is not done; 02 and 04 are") from None


def decoder_key(vending_key: bytes, key: MeterKey) -> bytes:
    """Return the meter's decoder key: 8 bytes for EA07, 16 for EA11; the first byte is the uppermost.

    `vending_key` is the supply group's for this key type and revision: 8 bytes for DKGA02, 20 for DKGA04.
    Raises KeyRefused for another length, UnsupportedError for DKGA02 with EA11 and for DKGA04 with a common key (type
    3), whose PAN is nowhere defined for us. IEC 62055-41, 6.5 (DKGA02, DKGA04).
    """
    if len(vending_key) != key.generation.vending_key_bytes:
        raise KeyRefused(
            f"DKGA{key.generation.value} needs a vending key of {key.generation.vending_key_bytes} bytes, "
            f"not {len(vending_key)}"
        )
    return _by_des(vending_key, key) if key.generation is Generation.DES else _by_hmac(vending_key, key)


def pan_block(key: MeterKey) -> bytes:
    """Return the 8 bytes that name issuer and meter, one digit in four bits. IEC 62055-41, 6.5.

    Issuer's last 5 digits and 11 of the meter, or 3 and 13; a common key (type 3) names no meter.
    """
    issuer, number = parts_of(key.pan)
    if key.key_type is KeyType.COMMON:
        number = "0" * len(number)
    return bytes.fromhex(issuer[1:] + number)


def control_block(key: MeterKey) -> bytes:
    """Return the 8 bytes that name the key: type, supply group, tariff index, revision, padding. IEC 62055-41, 6.5."""
    return bytes.fromhex(f"{key.key_type:d}{key.supply_group}{key.tariff_index:02d}{key.revision}FFFFFF")


def hmac_message(key: MeterKey) -> bytes:
    """Return the 49 bytes that DKGA04 hashes: the algorithms' and the key's fields, each after its length.

    IEC 62055-41, 6.5 (DKGA04); the form is that of NIST SP 800-108.
    """
    labels = (key.generation.value, key.base.value, key.encryption.value, f"{key.tariff_index:02d}")
    context = (key.supply_group, f"{key.key_type:d}", str(key.revision), key.pan)
    return _listed(labels) + b"\0" + _listed(context) + (key.encryption.key_bytes * 8).to_bytes(4, "big")


def _listed(fields: tuple[str, ...]) -> bytes:
    return bytes([len(fields)]) + b"".join(bytes([len(field)]) + field.encode() for field in fields)


def _by_des(vending_key: bytes, key: MeterKey) -> bytes:
    if key.encryption is not Encryption.STA:
        raise UnsupportedError("DKGA02 makes keys of 8 bytes, for EA07 only")
    block = _xor(pan_block(key), control_block(key))
    # One key three times over is DES (NIST SP 800-67, 3.2); the standard asks for it, so here it must do.
    des = Cipher(TripleDES(vending_key * 3), modes.ECB()).encryptor()  # noqa: S305
    return _xor(des.update(block) + des.finalize(), block, vending_key)


def _by_hmac(vending_key: bytes, key: MeterKey) -> bytes:
    if key.key_type is KeyType.COMMON:
        raise UnsupportedError("how DKGA04 makes a common key (type 3) is not published: not done")
    return hmac.digest(vending_key, hmac_message(key), "sha256")[: key.encryption.key_bytes]


def _xor(*blocks: bytes) -> bytes:
    return bytes(a ^ b if len(rest) == 0 else a ^ b ^ rest[0] for a, b, *rest in zip(*blocks, strict=True))
