"""Phone numbers and WhatsApp addresses as they stand on the wire."""

import re
from functools import lru_cache

import phonenumbers

from sandbox.twilio.config import Channel

_E164 = re.compile(r"\+[1-9]\d{6,14}")
# WhatsApp users without a visible phone: a country, a dot and an opaque id.
_USER_ID = re.compile(r"[A-Z]{2}(\.ENT)?\.[A-Za-z0-9]{1,128}")
_NAME = re.compile(r"[A-Za-z0-9 ]{1,11}")


def channel_of(wire: str) -> Channel:
    return "whatsapp" if wire.startswith("whatsapp:") else "sms"


def bare(wire: str) -> str:
    return wire.removeprefix("whatsapp:")


def on_channel(address: str, channel: str) -> str:
    return f"whatsapp:{bare(address)}" if channel == "whatsapp" else bare(address)


def is_phone(address: str) -> bool:
    return _E164.fullmatch(address) is not None


def is_user_id(address: str) -> bool:
    return _USER_ID.fullmatch(address) is not None


def is_sender_name(address: str) -> bool:
    return _NAME.fullmatch(address) is not None


@lru_cache(maxsize=4096)
def is_landline(phone: str) -> bool:
    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return False
    return bool(phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.FIXED_LINE)
