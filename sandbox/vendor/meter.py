"""A meter made of software: it decodes what is typed under its own key, and lets its credit run down."""

from dataclasses import dataclass, field
from typing import Any

from domain.sts.credit import Credit
from domain.sts.decoder_keys import MeterKey
from domain.sts.digits import from_digits
from domain.sts.errors import CrcError, FormatError, KeyExpired, StsError
from domain.sts.key_change import Section, assembled
from domain.sts.management import Management, Setting
from domain.sts.meter_tests import MeterTest
from domain.sts.rules import check_allowed
from domain.sts.tokens import decode
from sandbox.vendor import keys
from sandbox.vendor.config import MeterFacts

_REMEMBERED = 50  # identifiers; what is older than all of them is too old
_WH_PER_UNIT = 100  # a unit is a tenth of a kWh
_SECTIONS = {8: 2, 16: 4}


@dataclass(frozen=True, slots=True)
class Entry:
    """What the meter says to 20 digits; `units` are tenths of a kWh."""

    result: str
    units: int = 0
    detail: str = ""


@dataclass(slots=True)
class SoftwareMeter:
    """The meter. Credit and counter are watt-hours as of `at`, seconds since 1970."""

    facts: MeterFacts
    key: MeterKey
    decoder_key: bytes = field(repr=False)
    at: float
    credit_wh: float = 0.0
    counted_wh: float = 0.0
    load_watts: int = 0
    speed: int = 60
    connected: bool = True  # the vendor reaches it
    switched: bool = True  # not disconnected
    turned_on: bool = True
    amperes: int = 63
    identifiers: list[int] = field(default_factory=list)
    sections: list[str] = field(default_factory=list)  # of a key change, as typed so far
    accepted: list[str] = field(default_factory=list)

    @property
    def supplied(self) -> bool:
        """Whether the customer has electricity."""
        return self.switched and self.turned_on and self.credit_wh > 0

    def run(self, now: float) -> None:
        """Let time pass until `now`."""
        hours = max(0.0, now - self.at) / 3600 * self.speed
        used = min(self.credit_wh, self.load_watts * hours) if self.supplied else 0.0
        self.credit_wh -= used
        self.counted_wh += used
        self.at = now

    def enter(self, digits: str, now: float) -> Entry:
        """Take what was typed."""
        self.run(now)
        try:
            cls, _ = from_digits(digits)
            token = decode(digits, None if cls == 1 else keys.cipher(self.key, self.decoder_key))
            check_allowed(token, self.key.key_type, self.key.expiry)
        except FormatError:
            return Entry("not_a_token")
        except KeyExpired:
            return Entry("key_expired")
        except CrcError:
            return Entry("rejected")
        except StsError as error:
            return Entry("rejected", detail=error.code)
        entry = self._take(token, digits)
        if entry.result in {"accepted", "key_section", "key_changed"}:
            self.accepted.append(digits)
        return entry

    def _take(self, token: Credit | Management | MeterTest | Section | Any, digits: str) -> Entry:
        if isinstance(token, MeterTest):
            return Entry("test")
        if isinstance(token, Credit | Management):
            if refusal := self._spent(token.tid):
                return refusal
            return self._credit(token) if isinstance(token, Credit) else self._manage(token)
        if isinstance(token, Section):
            return self._learn(digits)
        return Entry("rejected", detail="unsupported")

    def _spent(self, tid: int) -> Entry | None:
        if tid in self.identifiers:
            return Entry("used")
        if len(self.identifiers) >= _REMEMBERED and tid < min(self.identifiers):
            return Entry("old")
        self.identifiers = sorted([*self.identifiers, tid])[-_REMEMBERED:]
        return None

    def _credit(self, token: Credit) -> Entry:
        self.credit_wh += token.units * _WH_PER_UNIT
        return Entry("accepted", token.units)

    def _manage(self, token: Management) -> Entry:
        if token.setting is Setting.CLEAR_CREDIT:
            self.credit_wh = 0.0
        return Entry("accepted", detail=token.setting.name.lower())

    def _learn(self, digits: str) -> Entry:
        """Keep a section until the set is whole, then take the new key."""
        cipher = keys.cipher(self.key, self.decoder_key)
        sub = decode(digits, cipher).sub
        others = [typed for typed in self.sections if decode(typed, cipher).sub != sub]
        self.sections = [*others, digits]
        sections = [decode(typed, cipher) for typed in self.sections]
        if len(sections) < _SECTIONS[cipher.key_bytes]:
            return Entry("key_section", detail=str(len(sections)))
        try:
            new = assembled(section for section in sections if isinstance(section, Section))
        except StsError:
            return Entry("key_section", detail=str(len(sections)))
        self.key, self.decoder_key, self.sections = keys.learned(self.key, new), new.decoder_key, []
        if new.rollover:
            self.identifiers = []
        return Entry("key_changed", detail=str(new.revision))

    def kept(self) -> dict[str, Any]:
        """Return everything that outlives a restart."""
        names = ("at", "credit_wh", "counted_wh", "load_watts", "speed", "connected", "switched", "turned_on")
        more = ("amperes", "identifiers", "sections", "accepted")
        state = {name: getattr(self, name) for name in (*names, *more)}
        return {**state, "key": keys.kept(self.key), "decoder_key": self.decoder_key.hex()}

    def restore(self, said: dict[str, Any]) -> None:
        """Take up what was kept."""
        for name, value in said.items():
            if name not in {"key", "decoder_key"}:
                setattr(self, name, value)
        self.key = keys.with_kept(self.key, said["key"])
        self.decoder_key = bytes.fromhex(said["decoder_key"])
