"""The embedded vendor: our own token engine behind the port, for meters whose supply group's key the operator holds.

It does only what needs no line to the meter: it issues credit and the tokens that clear it or a tamper state, and knows
what it issued.
"""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from secrets import randbelow
from typing import NoReturn
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain import clock
from domain.door import DATABASE_ERRORS, Door
from domain.meters import Meter
from domain.sts.amounts import encode_units, exact_parts
from domain.sts.credit import Credit, Service
from domain.sts.decoder_keys import MeterKey
from domain.sts.errors import StsError
from domain.sts.key_change import Section, key_change
from domain.sts.management import Management, Register, Setting
from domain.sts.rules import check_allowed, check_new_key
from domain.sts.tids import next_tid, tid_at
from domain.sts.tokens import encode
from domain.vendors.books import VendedToken
from domain.vendors.capabilities import Capability
from domain.vendors.errors import NotSupported, OutcomeUnknown, Refused, Unreachable
from domain.vendors.keys import KeyRing, meter_key, read_key, written
from domain.vendors.requests import ChargeRequest, CommandRequest, MaintenanceRequest, MeterAt, Purpose
from domain.vendors.results import (
    Balance,
    Charge,
    CommandStatus,
    Connection,
    Finding,
    IssuedToken,
    MaintenanceCode,
    MeterStatus,
    Reading,
    TokenCheck,
    TokenKind,
)
from domain.vendors.token_checks import looked_at

_ABLE = frozenset(
    {
        Capability.CHARGE,
        Capability.VERIFY_CHARGE,
        Capability.MAINTENANCE_CODE,
        Capability.CHECK_TOKEN,
        Capability.TEST_CONNECTION,
    }
)
_SETTINGS = {Purpose.CLEAR_TAMPER: Setting.CLEAR_TAMPER, Purpose.CLEAR_CREDIT: Setting.CLEAR_CREDIT}
# One charge is at most 100 tokens: 163,830 kWh, which nobody types.
_MOST_TOKENS = 100
# So many others of a customer are looked through for the one that a token is for.
_MOST_METERS = 50


class EmbeddedVendor:
    """Issues under the operator's own keys. Each call is one transaction of its own."""

    def __init__(self, door: Door, keys: KeyRing) -> None:
        self._door = door
        self._keys = keys

    def capabilities(self) -> frozenset[Capability]:
        """Return what needs no line to a meter."""
        return _ABLE

    def charge(self, request: ChargeRequest) -> Charge:
        """Issue tokens that together are exactly `units`, each at most 1,638.3 kWh.

        Where the meter's row says another key than it was last served under, the tokens that change it come first.
        Identifiers are allocated in the transaction that stores the tokens. Raises Refused (`unknown_meter`,
        `meter_data`, `key`, `too_much`, `reference_conflict`, or the engine's code), and OutcomeUnknown when the
        database went away.
        """
        try:
            with self._door.for_business(request.meter.business_id) as session:
                meter = _locked(session, request.meter)
                known = _charge_of(session, request.meter.business_id, request.reference)
                charge = known or self._issue(session, meter, request)
        except DATABASE_ERRORS as error:
            raise OutcomeUnknown(request.reference, type(error).__name__) from error
        if (charge.meter_no, charge.units) != (request.meter.meter_no, request.units):
            raise Refused("reference_conflict", "this reference is another charge's")
        return charge

    def verify_charge(self, meter: MeterAt, reference: str) -> Charge | None:
        """Return the charge made with `reference`. Raises Unreachable when the database can't be asked."""
        try:
            with self._door.for_business(meter.business_id) as session:
                return _charge_of(session, meter.business_id, reference)
        except DATABASE_ERRORS as error:
            raise Unreachable(type(error).__name__) from error

    def reading(self, meter: MeterAt) -> Reading:  # noqa: ARG002  there is no line to the meter
        """Raise NotSupported."""
        _cannot(Capability.READING)

    def readings(self, meters: Sequence[MeterAt], since: datetime, until: datetime) -> list[Reading]:  # noqa: ARG002
        """Raise NotSupported."""
        _cannot(Capability.READINGS)

    def status(self, meter: MeterAt) -> MeterStatus:  # noqa: ARG002
        """Raise NotSupported."""
        _cannot(Capability.STATUS)

    def balance(self, meter: MeterAt) -> Balance:  # noqa: ARG002
        """Raise NotSupported."""
        _cannot(Capability.BALANCE)

    def maintenance_code(self, request: MaintenanceRequest) -> MaintenanceCode:
        """Issue a token that clears what `purpose` names. No such token expires; `expires_at` is what was asked for.

        Raises NotSupported for a service code, which is no token; Refused and OutcomeUnknown as `charge` does.
        """
        setting = _SETTINGS.get(request.purpose)
        if setting is None:
            _cannot(Capability.MAINTENANCE_CODE)
        try:
            with self._door.for_business(request.meter.business_id) as session:
                meter = _locked(session, request.meter)
                row = _code_of(session, request) or self._clear(session, meter, request, setting)
        except DATABASE_ERRORS as error:
            raise OutcomeUnknown(request.reference, type(error).__name__) from error
        expires_at = row.issued_at + timedelta(minutes=request.minutes)
        return MaintenanceCode(request.reference, request.reference, request.meter.meter_no, row.digits, expires_at)

    def command(self, request: CommandRequest) -> CommandStatus:
        """Raise NotSupported."""
        _cannot(Capability(request.command.value))

    def command_status(self, meter: MeterAt, reference: str) -> CommandStatus | None:  # noqa: ARG002
        """Raise NotSupported."""
        _cannot(Capability.COMMAND_STATUS)

    def check_token(self, meter: MeterAt, digits: str) -> TokenCheck:
        """Tell what a token is to a meter: by our book, else by the key that the meter has.

        What that key doesn't open is tried on the customer's other meters. Raises Refused, and Unreachable when the
        database can't be asked.
        """
        try:
            with self._door.for_business(meter.business_id) as session:
                row = _there(session, meter)
                key = _key_inside(session, row, meter_key(row))
                known = _in_book(session, row, key, digits)
                found = known or looked_at(digits, key, self._keys.cipher(key))
                if found.finding is Finding.UNREADABLE:
                    return self._whose(session, row, digits) or found
                return found
        except DATABASE_ERRORS as error:
            raise Unreachable(type(error).__name__) from error

    def test_connection(self) -> Connection:
        """Say that there are keys. Raises Refused (`key`) without any."""
        if not self._keys.vending_keys:
            raise Refused("key", "no STS_VENDING_KEY_<supply group>_<revision> is set")
        return Connection("embedded", _ABLE)

    def _whose(self, session: Session, meter: Meter, digits: str) -> TokenCheck | None:
        """Return which other meter of the same customer a token is for; None where it is for none that we can read."""
        others = select(Meter).where(Meter.customer_id == meter.customer_id, Meter.id != meter.id)
        for other in session.scalars(others.where(Meter.network == "sts").order_by(Meter.meter_no).limit(_MOST_METERS)):
            with suppress(Refused):
                key = _key_inside(session, other, meter_key(other))
                if looked_at(digits, key, self._keys.cipher(key)).finding is Finding.GOOD:
                    return TokenCheck(Finding.OTHER_METER, meter_no=other.meter_no)
        return None

    def _clear(self, session: Session, meter: Meter, request: MaintenanceRequest, setting: Setting) -> VendedToken:
        if meter.network != "sts":
            raise Refused("meter_data", "this meter takes no tokens")
        # A single token changes no key: it must be for the one that the meter has.
        key, at = _key_inside(session, meter, meter_key(meter)), clock.now()
        try:
            tid = next_tid(tid_at(at, key.base), _last_tid(session, meter, key))
            value = Register.ELECTRICITY if setting is Setting.CLEAR_CREDIT else 0
            token = Management(setting, randbelow(16), tid, value)
            check_allowed(token, key.key_type, key.expiry)
            digits = encode(token, self._keys.cipher(key))
        except StsError as error:
            raise Refused(error.code, str(error)) from error
        row = VendedToken(business_id=meter.business_id, reference=request.reference, part=1, meter_id=meter.id,
                          base=key.base.value, tid=tid, units=0, digits=digits, issued_at=at,
                          meter_key=written(key))  # fmt: skip
        session.add(row)
        session.flush()
        return row

    def _issue(self, session: Session, meter: Meter, request: ChargeRequest) -> Charge:
        """Issue what is asked for; where the meter's key has changed since it was last served, that change first."""
        if meter.network != "sts":
            raise Refused("meter_data", "this meter takes no tokens")
        parts, key, issued_at = _parts(request.units), meter_key(meter), clock.now()
        try:
            changes = self._changes(_key_inside(session, meter, key), key, issued_at)
            cipher = self._keys.cipher(key)
            tokens = _credits(parts, key, issued_at, _last_tid(session, meter, key))
            issued = [*changes, *((token, encode(token, cipher)) for token in tokens)]
        except StsError as error:
            raise Refused(error.code, str(error)) from error
        rows = [_row(request, n, meter, key, token, digits, issued_at) for n, (token, digits) in enumerate(issued, 1)]
        session.add_all(rows)
        session.flush()
        return _charge(meter.meter_no, request.reference, rows)

    def _changes(self, old: MeterKey, new: MeterKey, at: datetime) -> list[tuple[Section, str]]:
        """Return the tokens that lead a meter from one key to another, in their order; none where it has that one."""
        if old == new:
            return []
        check_new_key(at, new)
        cipher = self._keys.cipher(old)
        return [(section, encode(section, cipher)) for section in key_change(old, new, self._keys.decoder_key(new))]


def _code_of(session: Session, request: MaintenanceRequest) -> VendedToken | None:
    known = select(VendedToken).where(
        VendedToken.business_id == request.meter.business_id, VendedToken.reference == request.reference
    )
    row = session.scalars(known).first()
    if row is not None and (row.meter_id != request.meter.meter_id or row.units):
        raise Refused("reference_conflict", "this reference is another request's")
    return row


def _cannot(capability: Capability) -> NoReturn:
    raise NotSupported(capability)


def _locked(session: Session, at: MeterAt) -> Meter:
    """Return the meter, locked: who charges it next waits until our tokens are stored."""
    return _there(session, at, lock=True)


def _there(session: Session, at: MeterAt, *, lock: bool = False) -> Meter:
    wanted = select(Meter).where(
        Meter.business_id == at.business_id, Meter.id == at.meter_id, Meter.meter_no == at.meter_no
    )
    found = session.scalars(wanted.with_for_update(key_share=True) if lock else wanted).one_or_none()
    if found is None:
        raise Refused("unknown_meter")
    return found


def _in_book(session: Session, meter: Meter, key: MeterKey, digits: str) -> TokenCheck | None:
    """Return what our own book says against a token: that it is another meter's, or from before a change of key."""
    same = select(VendedToken, Meter.meter_no).join(Meter, Meter.id == VendedToken.meter_id)
    ours = same.where(VendedToken.business_id == meter.business_id, VendedToken.digits == digits)
    rows = session.execute(ours).all()
    if not rows or any(row.VendedToken.meter_id == meter.id and not _is_old(row.VendedToken, key) for row in rows):
        return None
    if any(row.VendedToken.meter_id == meter.id for row in rows):
        return TokenCheck(Finding.OLD)
    return TokenCheck(Finding.OTHER_METER, meter_no=rows[0].meter_no)


def _is_old(row: VendedToken, key: MeterKey) -> bool:
    return row.meter_key is not None and row.meter_key != written(key)


def _last_tid(session: Session, meter: Meter, key: MeterKey) -> int | None:
    mine = (VendedToken.meter_id == meter.id) & (VendedToken.base == key.base.value)
    return session.scalar(select(func.max(VendedToken.tid)).where(mine))


def _parts(units: int) -> list[int]:
    parts = exact_parts(units)
    if len(parts) > _MOST_TOKENS:
        raise Refused("too_much", f"a charge is at most {_MOST_TOKENS} tokens")
    return parts


def _credits(parts: Sequence[int], key: MeterKey, at: datetime, last_tid: int | None) -> list[Credit]:
    tokens = []
    for units in parts:
        last_tid = next_tid(tid_at(at, key.base), last_tid)
        token = Credit(Service.ELECTRICITY, randbelow(16), last_tid, encode_units(units))
        check_allowed(token, key.key_type, key.expiry)
        tokens.append(token)
    return tokens


def _key_inside(session: Session, meter: Meter, wanted: MeterKey) -> MeterKey:
    """Return the key that the meter has by our book; `wanted` where we have never served it.

    Nothing that is typed gives a meter another number or another cipher: where those differ its data were mended, and
    what was issued before never worked.
    """
    kept = session.scalar(
        select(VendedToken.meter_key)
        .where(VendedToken.meter_id == meter.id, VendedToken.meter_key.is_not(None))
        .order_by(VendedToken.issued_at.desc(), VendedToken.id.desc())
        .limit(1)
    )
    known = read_key(kept) if kept else wanted
    is_same_meter = (known.pan, known.encryption) == (wanted.pan, wanted.encryption)
    return known if is_same_meter else wanted


def _row(
    request: ChargeRequest, part: int, meter: Meter, key: MeterKey, token: Credit | Section, digits: str,
    issued_at: datetime,
) -> VendedToken:  # fmt: skip
    tid, units = (token.tid, token.units) if isinstance(token, Credit) else (None, 0)
    return VendedToken(
        business_id=meter.business_id,
        reference=request.reference,
        part=part,
        meter_id=meter.id,
        base=key.base.value,
        tid=tid,
        units=units,
        digits=digits,
        issued_at=issued_at,
        meter_key=written(key),
    )


def _charge_of(session: Session, business_id: UUID, reference: str) -> Charge | None:
    rows = session.execute(
        select(VendedToken, Meter.meter_no)
        .join(Meter, Meter.id == VendedToken.meter_id)
        .where(VendedToken.business_id == business_id, VendedToken.reference == reference)
        .order_by(VendedToken.part)
    ).all()
    return _charge(rows[0].meter_no, reference, [row.VendedToken for row in rows]) if rows else None


def _charge(meter_no: str, reference: str, rows: Sequence[VendedToken]) -> Charge:
    tokens = tuple(IssuedToken(_kind(row), row.digits, row.units) for row in rows)
    return Charge(reference, reference, meter_no, sum(row.units for row in rows), tokens, rows[0].issued_at)


def _kind(row: VendedToken) -> TokenKind:
    return TokenKind.KEY_CHANGE if row.tid is None else TokenKind.CREDIT
