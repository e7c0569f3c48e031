"""The vendor: its records of meters, its books, and the meters themselves."""

import random
import threading
from dataclasses import dataclass, replace
from typing import Any

from domain.sts.amounts import encode_units, exact_parts
from domain.sts.credit import Credit, Service
from domain.sts.decoder_keys import MeterKey
from domain.sts.errors import StsError
from domain.sts.key_change import key_change
from domain.sts.management import Management, Register, Setting
from domain.sts.tids import instant_of, next_tid, tid_at
from domain.sts.tokens import decode, encode
from sandbox.twilio.clock import Clock, parse_instant
from sandbox.vendor import keys
from sandbox.vendor.clock import instant, iso
from sandbox.vendor.config import Config, MeterFacts
from sandbox.vendor.errors import ApiError
from sandbox.vendor.faults import Faults
from sandbox.vendor.meter import Entry, SoftwareMeter
from sandbox.vendor.store import Store

_MOST_TOKENS = 100


@dataclass(slots=True)
class Record:
    """What the vendor knows of a meter: the key it encrypts under, the next one, and the last identifier."""

    key: MeterKey
    next_key: MeterKey | None = None
    last_tid: int | None = None

    def kept(self) -> dict[str, Any]:
        """Return everything that outlives a restart."""
        coming = keys.kept(self.next_key) if self.next_key else None
        return {"key": keys.kept(self.key), "next_key": coming, "last_tid": self.last_tid}


class World:
    """Everything of the vendor's. One thing happens at a time."""

    def __init__(self, config: Config, store: Store) -> None:
        self.config = config
        self.clock = Clock(config.clock_file)
        self.faults = Faults()
        self.lock = threading.RLock()
        self._store = store
        self._random = random.SystemRandom()
        self._begin()

    def _begin(self) -> None:
        self.records = {facts.number: Record(facts.key) for facts in self.config.meters}
        self.meters = {facts.number: self._meter(facts) for facts in self.config.meters}
        self.charges = self._store.all("charge")
        self.commands = self._store.all("command")
        self.codes = self._store.all("code")
        self.credit_minor = self._store.all("fact").get("credit", {"minor": self.config.credit_minor})["minor"]
        for number, said in self._store.all("meter").items():
            if number in self.meters:
                # While the sandbox is down, time stands still behind its meters.
                self.meters[number].restore({**said, "at": self.clock.now()})
        for number, said in self._store.all("record").items():
            if number in self.records:
                self._restore_record(self.records[number], said)

    def _restore_record(self, record: Record, said: dict[str, Any]) -> None:
        if said["next_key"]:
            record.next_key = keys.with_kept(record.key, said["next_key"])
        record.key, record.last_tid = keys.with_kept(record.key, said["key"]), said["last_tid"]

    def _meter(self, facts: MeterFacts) -> SoftwareMeter:
        made = keys.made_key(facts.key, self.config.vending_keys)
        now = self.clock.now()
        return SoftwareMeter(facts, facts.key, made, now, load_watts=facts.load_watts, speed=self.config.speed)

    def reset(self) -> None:
        """Forget everything that happened."""
        with self.lock:
            self._store.clear()
            self.faults.remove()
            self._begin()

    def meter(self, number: str) -> SoftwareMeter:
        """Return a meter, as it is now. Raises ApiError."""
        found = self.meters.get(number)
        if found is None:
            raise ApiError(404, "unknown_meter", "there is no such meter")
        found.run(self.clock.now())
        return found

    def charge(self, reference: str, number: str, units: int) -> dict[str, Any]:
        """Issue tokens; the same reference again answers the same. Raises ApiError."""
        with self.lock:
            if known := self._known(self.charges, reference, meter_no=number, units=units):
                return known
            self.meter(number)
            cost = units * self.config.price_minor
            if cost > self.credit_minor:
                raise ApiError(409, "out_of_credit", "the merchant's credit with the vendor does not suffice")
            made = {**self._head(reference, number, "CH"), "units": units}
            made |= {"tokens": self._issue(self.records[number], units), "issued_at": iso(self.clock.now())}
            self.credit_minor -= cost
            self.charges[reference] = made
            self._store.put(
                ("charge", reference, made),
                ("record", number, self.records[number].kept()),
                ("fact", "credit", {"minor": self.credit_minor}),
            )
            return made

    def _issue(self, record: Record, units: int) -> list[dict[str, Any]]:
        parts = exact_parts(units)
        if len(parts) > _MOST_TOKENS:
            raise ApiError(422, "too_much", f"a charge is at most {_MOST_TOKENS} tokens")
        try:
            tokens = self._change_key(record)
            cipher = keys.cipher(record.key, keys.made_key(record.key, self.config.vending_keys))
            for part in parts:
                token = Credit(Service.ELECTRICITY, self._random.randrange(16), self._tid(record), encode_units(part))
                tokens.append({"kind": "credit", "digits": encode(token, cipher), "units": part})
        except StsError as error:
            raise ApiError(409, "meter_data", str(error)) from error
        return tokens

    def _tid(self, record: Record) -> int:
        record.last_tid = next_tid(tid_at(instant(self.clock.now()), record.key.base), record.last_tid)
        return record.last_tid

    def _change_key(self, record: Record) -> list[dict[str, Any]]:
        """Return the tokens that give the meter its next key, where there is one."""
        if record.next_key is None:
            return []
        old = keys.cipher(record.key, keys.made_key(record.key, self.config.vending_keys))
        sections = key_change(record.key, record.next_key, keys.made_key(record.next_key, self.config.vending_keys))
        record.key, record.next_key = record.next_key, None
        return [{"kind": "key_change", "digits": encode(section, old), "units": 0} for section in sections]

    def plan_key_change(self, number: str, revision: int) -> None:
        """Have the next charge of a meter begin with a change to the key of another revision. Raises ApiError."""
        with self.lock:
            self.meter(number)
            record = self.records[number]
            coming = replace(record.key, revision=revision)
            if keys.vending_name(coming) not in self.config.vending_keys:
                raise ApiError(400, "key", f"there is no vending key {keys.vending_name(coming)}")
            record.next_key = coming
            self._store.put(("record", number, record.kept()))

    def code(self, reference: str, number: str, purpose: str, minutes: int) -> dict[str, Any]:
        """Give a maintenance code. Raises ApiError."""
        asked = {"purpose": purpose, "minutes": minutes}
        with self.lock:
            if known := self._known(self.codes, reference, meter_no=number, **asked):
                return known
            self.meter(number)
            expires_at = iso(self.clock.now() + minutes * 60)
            made = {**self._head(reference, number, "MC"), **asked, "expires_at": expires_at}
            made["code"] = self._maintenance(self.records[number], purpose)
            self.codes[reference] = made
            self._store.put(("code", reference, made), ("record", number, self.records[number].kept()))
            return made

    def _maintenance(self, record: Record, purpose: str) -> str:
        if purpose == "service":
            return f"{self._random.randrange(10**8):08d}"
        cipher = keys.cipher(record.key, keys.made_key(record.key, self.config.vending_keys))
        clear = purpose == "clear_credit"
        setting = Setting.CLEAR_CREDIT if clear else Setting.CLEAR_TAMPER
        value = Register.ELECTRICITY if clear else 0
        return encode(Management(setting, self._random.randrange(16), self._tid(record), value), cipher)

    def check(self, number: str, digits: str) -> dict[str, Any]:
        """Tell what a token is to a meter: what the meter says, its charges, or its key. Raises ApiError."""
        meter, record = self.meter(number), self.records[number]
        if digits in meter.accepted and meter.facts.link != "none":
            return {"finding": "used"}
        others = {
            one["meter_no"]
            for one in self.charges.values()
            if any(digits == token["digits"] for token in one["tokens"])
        }
        if others - {number}:
            return {"finding": "other_meter", "meter_no": min(others - {number})}
        try:
            token = decode(digits, keys.cipher(record.key, keys.made_key(record.key, self.config.vending_keys)))
        except StsError:
            return {"finding": "old" if number in others else "unreadable"}
        if not isinstance(token, Credit):
            return {"finding": "no_credit"}
        issued = instant_of(token.tid, record.key.base)
        return {"finding": "good", "units": token.units, "issued_at": iso(issued.timestamp())}

    def command(self, reference: str, number: str, command: str, amperes: int | None) -> dict[str, Any]:
        """Take a command; it is carried out a moment later. Raises ApiError."""
        with self.lock:
            if known := self._known(self.commands, reference, meter_no=number, command=command, amperes=amperes):
                return known
            meter = self.meter(number)
            if meter.facts.link == "none":
                raise ApiError(409, "not_supported", "this meter is on no line")
            made = {**self._head(reference, number, "CO"), "command": command, "amperes": amperes}
            made |= {"state": "acknowledged", "reason": None, "at": iso(self.clock.now())}
            self.commands[reference] = made
            self._store.put(("command", reference, made))
            return self._seen(made)

    def command_state(self, reference: str) -> dict[str, Any]:
        """Return how far a command has come. Raises ApiError."""
        with self.lock:
            if reference not in self.commands:
                raise ApiError(404, "unknown_reference", "no command has this reference")
            return self._seen(self.commands[reference])

    def carry_out(self) -> None:
        """Carry out the commands whose time has come."""
        with self.lock:
            for command in self.commands.values():
                self._seen(command)

    def _seen(self, command: dict[str, Any]) -> dict[str, Any]:
        due = self.clock.now() - parse_instant(command["at"]) >= self.config.seconds_to_confirm
        if command["state"] == "acknowledged" and due:
            meter = self.meter(command["meter_no"])
            if meter.connected:
                _obey(meter, command)
            command["state"] = "confirmed" if meter.connected else "failed"
            command["reason"] = None if meter.connected else "no_contact"
            self._store.put(("command", command["reference"], command))
            self.keep(meter)
        return command

    def enter(self, number: str, digits: str) -> Entry:
        """Type digits into a meter. Raises ApiError."""
        with self.lock:
            meter = self.meter(number)
            entry = meter.enter(digits, self.clock.now())
            self.keep(meter)
            return entry

    def keep(self, meter: SoftwareMeter) -> None:
        """Keep how a meter is."""
        self._store.put(("meter", meter.facts.number, meter.kept()))

    def _head(self, reference: str, number: str, prefix: str) -> dict[str, Any]:
        vendor_id = f"{prefix}{self._random.randrange(16**10):010X}"
        return {"reference": reference, "vendor_id": vendor_id, "meter_no": number}

    def _known(self, book: dict[str, dict[str, Any]], reference: str, **asked: Any) -> dict[str, Any] | None:
        known = book.get(reference)
        if known and any(known[name] != value for name, value in asked.items()):
            raise ApiError(409, "reference_conflict", "this reference is another request's")
        return known


def _obey(meter: SoftwareMeter, command: dict[str, Any]) -> None:
    match command["command"]:
        case "disconnect":
            meter.switched = False
        case "reconnect":
            meter.switched = True
        case "turn_on":
            meter.turned_on = True
        case "turn_off":
            meter.turned_on = False
        case _:
            meter.amperes = command["amperes"]
