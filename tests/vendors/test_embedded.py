"""The embedded vendor: exact amounts, one identifier a token, one charge a reference."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select

from domain.door import Door
from domain.meters import Meter
from domain.sts.credit import Credit
from domain.sts.management import Management, Setting
from domain.sts.tids import BaseDate, tid_at
from domain.sts.tokens import decode
from domain.vendors.books import VendedToken
from domain.vendors.capabilities import Capability
from domain.vendors.embedded import EmbeddedVendor
from domain.vendors.errors import NotSupported, Refused
from domain.vendors.keys import KeyRing, meter_key
from domain.vendors.requests import ChargeRequest, Command, CommandRequest, MaintenanceRequest, MeterAt, Purpose
from domain.vendors.results import Charge, TokenKind
from sandbox.vendor.config import MeterFacts
from sandbox.vendor.meter import SoftwareMeter
from tests.noor import Noor

KEY = bytes.fromhex("00112233445566778899AABBCCDDEEFF00112233")
STS = {"network": "sts", "supply_group_code": "123456", "key_revision": 1, "key_type": 2, "tariff_index": "01"}
STS |= {"iin": "600727", "ea": "11", "dkga": "04", "base_date": "2014", "key_expiry": 255}


@pytest.fixture
def keys() -> KeyRing:
    return KeyRing({("123456", 1): KEY})


@pytest.fixture
def meter(door: Door, noor: Noor) -> MeterAt:
    return sts_meter(door, noor)


@pytest.fixture
def vendor(door: Door, keys: KeyRing) -> EmbeddedVendor:
    return EmbeddedVendor(door, keys)


def sts_meter(door: Door, noor: Noor, **other: Any) -> MeterAt:
    with door.for_business(noor.business_id) as session:
        row = session.scalars(select(Meter).where(Meter.meter_no == "01000000016")).one()
        for name, value in {**STS, **other}.items():
            setattr(row, name, value)
        return MeterAt(noor.business_id, row.id, row.meter_no)


def read(door: Door, keys: KeyRing, meter: MeterAt, digits: str) -> Credit:
    with door.for_business(meter.business_id) as session:
        row = session.get(Meter, meter.meter_id)
        assert row is not None
        found = decode(digits, keys.cipher(meter_key(row)))
    assert isinstance(found, Credit)
    return found


@pytest.mark.parametrize(("units", "parts"), [(1, [1]), (16_383, [16_383]), (16_384, [16_383, 1]), (40_000, 3)])
def test_nothing_is_rounded_away(
    door: Door, vendor: EmbeddedVendor, keys: KeyRing, meter: MeterAt, units: int, parts: Any
) -> None:
    charge = vendor.charge(ChargeRequest("reference-1", meter, units))
    credited = [read(door, keys, meter, token.digits).units for token in charge.tokens]
    assert credited == [token.units for token in charge.tokens]
    assert sum(credited) == charge.units == units
    assert credited == parts or len(credited) == parts


def test_a_reference_is_one_charge(vendor: EmbeddedVendor, meter: MeterAt) -> None:
    assert vendor.verify_charge(meter, "reference-1") is None
    first = vendor.charge(ChargeRequest("reference-1", meter, 20_000))
    assert vendor.charge(ChargeRequest("reference-1", meter, 20_000)) == first
    assert vendor.verify_charge(meter, "reference-1") == first
    with pytest.raises(Refused, match="reference_conflict"):
        vendor.charge(ChargeRequest("reference-1", meter, 1))


def test_two_purchases_in_the_same_minute_get_two_identifiers(
    door: Door, vendor: EmbeddedVendor, keys: KeyRing, meter: MeterAt, later: Any
) -> None:
    together = Barrier(8)

    def buy(number: int) -> list[int]:
        together.wait()
        charge = vendor.charge(ChargeRequest(f"reference-{number}", meter, 20_000))
        return [read(door, keys, meter, token.digits).tid for token in charge.tokens]

    with ThreadPoolExecutor(8) as pool:
        found = [tid for tids in pool.map(buy, range(8)) for tid in tids]
    assert len(set(found)) == 16
    with door.for_business(meter.business_id) as session:
        assert set(session.scalars(select(VendedToken.tid))) == set(found)
        minute = session.scalars(select(VendedToken.issued_at)).first()
    assert minute is not None
    assert min(found) == tid_at(minute, BaseDate.Y2014)


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"network": "manual"}, "meter_data"),
        ({"ea": None}, "meter_data"),
        ({"ea": "09"}, "meter_data"),
        ({"base_date": "1999"}, "meter_data"),
        ({"base_date": "1993"}, "range"),  # its identifiers ended in 2024
        ({"supply_group_code": "999999"}, "key"),
        ({"ea": "07"}, "key"),  # without tables
        ({"key_type": 1}, "default_key"),
        ({"key_expiry": 10}, "key_expired"),
    ],
)
def test_what_cannot_be_issued_is_refused_and_leaves_nothing(
    door: Door, noor: Noor, vendor: EmbeddedVendor, other: dict[str, Any], code: str
) -> None:
    meter = sts_meter(door, noor, **other)
    with pytest.raises(Refused) as error:
        vendor.charge(ChargeRequest("reference-1", meter, 100))
    assert error.value.code == code
    assert vendor.verify_charge(meter, "reference-1") is None


def test_a_charge_of_more_tokens_than_anybody_types_is_refused(vendor: EmbeddedVendor, meter: MeterAt) -> None:
    with pytest.raises(Refused, match="too_much"):
        vendor.charge(ChargeRequest("reference-1", meter, 16_383 * 100 + 1))


def test_what_it_cannot_do_is_a_clear_answer(vendor: EmbeddedVendor, meter: MeterAt) -> None:
    assert Capability.BALANCE not in vendor.capabilities()
    with pytest.raises(NotSupported) as error:
        vendor.balance(meter)
    assert error.value.capability is Capability.BALANCE
    with pytest.raises(NotSupported) as error:
        vendor.command(CommandRequest("reference-1", meter, Command.TURN_OFF, "late"))
    assert error.value.capability is Capability.TURN_OFF


def test_a_maintenance_code_is_a_token_with_an_identifier_of_its_own(
    door: Door, vendor: EmbeddedVendor, keys: KeyRing, meter: MeterAt
) -> None:
    charge = vendor.charge(ChargeRequest("reference-1", meter, 100))
    asked = MaintenanceRequest("reference-2", meter, Purpose.CLEAR_TAMPER)
    code = vendor.maintenance_code(asked)
    assert vendor.maintenance_code(asked) == code
    with door.for_business(meter.business_id) as session:
        row = session.get(Meter, meter.meter_id)
        assert row is not None
        found = decode(code.code, keys.cipher(meter_key(row)))
    assert isinstance(found, Management)
    assert found.setting is Setting.CLEAR_TAMPER
    assert found.tid == read(door, keys, meter, charge.tokens[0].digits).tid + 1
    with pytest.raises(Refused, match="reference_conflict"):
        vendor.charge(ChargeRequest("reference-2", meter, 100))
    with pytest.raises(NotSupported):
        vendor.maintenance_code(MaintenanceRequest("reference-3", meter, Purpose.SERVICE))


def test_no_key_is_ever_shown(keys: KeyRing) -> None:
    assert "33" not in repr(keys)
    with pytest.raises(Refused, match="no STS_VENDING_KEY"):
        EmbeddedVendor(None, KeyRing()).test_connection()  # type: ignore[arg-type]


def software_meter(door: Door, keys: KeyRing, meter: MeterAt) -> SoftwareMeter:
    """Return the sandbox's meter, with the key that our row says now."""
    with door.for_business(meter.business_id) as session:
        row = session.get(Meter, meter.meter_id)
        assert row is not None
        key = meter_key(row)
    return SoftwareMeter(MeterFacts(meter.meter_no, key, "none", 0), key, keys.decoder_key(key), 0.0)


def typed(box: SoftwareMeter, charge: Charge) -> list[str]:
    return [box.enter(token.digits, 0.0).result for token in charge.tokens]


@pytest.mark.parametrize(
    ("changed", "rollover"),
    [
        ({"key_revision": 2}, False),
        ({"base_date": "2035"}, True),
        ({"key_revision": 2, "base_date": "2035"}, True),
        ({"tariff_index": "07"}, False),
        ({"supply_group_code": "654321"}, False),
    ],
)
def test_a_key_that_changed_goes_out_first_and_in_order(
    door: Door, noor: Noor, meter: MeterAt, changed: dict[str, Any], rollover: bool, later: Any
) -> None:
    keys = KeyRing({("123456", 1): KEY, ("123456", 2): KEY[::-1], ("654321", 1): KEY[1:] + KEY[:1]})
    vendor = EmbeddedVendor(door, keys)
    box = software_meter(door, keys, meter)
    assert typed(box, vendor.charge(ChargeRequest("charge-before", meter, 100))) == ["accepted"]
    if rollover:
        later(days=365 * 10)  # the base date of 2035 has no identifiers before
    sts_meter(door, noor, **changed)
    charge = vendor.charge(ChargeRequest("charge-change", meter, 20_000))
    kinds = [token.kind for token in charge.tokens]
    assert kinds == [TokenKind.KEY_CHANGE] * 4 + [TokenKind.CREDIT] * 2
    assert charge.units == 20_000
    assert (
        vendor.charge(ChargeRequest("charge-change", meter, 20_000))
        == charge
        == vendor.verify_charge(meter, "charge-change")
    )
    assert typed(box, charge) == [*["key_section"] * 3, "key_changed", "accepted", "accepted"]
    after = vendor.charge(ChargeRequest("charge-after", meter, 100))
    assert typed(box, after) == ["accepted"]
    assert [token.kind for token in after.tokens] == [TokenKind.CREDIT]
    assert typed(box, after) == ["used"]


def test_identifiers_go_on_over_a_change_of_key(door: Door, noor: Noor, meter: MeterAt, vendor: EmbeddedVendor) -> None:
    keys = KeyRing({("123456", 1): KEY, ("123456", 2): KEY[::-1]})
    vendor = EmbeddedVendor(door, keys)
    first = vendor.charge(ChargeRequest("charge-before", meter, 100))
    tid = read(door, keys, meter, first.tokens[0].digits).tid
    sts_meter(door, noor, key_revision=2)
    second = vendor.charge(ChargeRequest("charge-change", meter, 100))
    assert read(door, keys, meter, second.tokens[-1].digits).tid > tid


def test_a_maintenance_code_is_for_the_key_that_the_meter_has(door: Door, noor: Noor, meter: MeterAt) -> None:
    keys = KeyRing({("123456", 1): KEY, ("123456", 2): KEY[::-1]})
    vendor = EmbeddedVendor(door, keys)
    box = software_meter(door, keys, meter)
    vendor.charge(ChargeRequest("charge-before", meter, 100))
    sts_meter(door, noor, key_revision=2)
    code = vendor.maintenance_code(MaintenanceRequest("code-between", meter, Purpose.CLEAR_TAMPER))
    assert box.enter(code.code, 0.0).result == "accepted"
    charge = vendor.charge(ChargeRequest("charge-change", meter, 100))
    assert typed(box, charge)[-2:] == ["key_changed", "accepted"]


def test_without_the_old_key_nothing_is_issued(door: Door, noor: Noor, meter: MeterAt, vendor: EmbeddedVendor) -> None:
    vendor.charge(ChargeRequest("charge-before", meter, 100))
    sts_meter(door, noor, key_revision=2)
    without = EmbeddedVendor(door, KeyRing({("123456", 2): KEY[::-1]}))
    with pytest.raises(Refused, match="STS_VENDING_KEY_123456_1"):
        without.charge(ChargeRequest("charge-change", meter, 100))
    assert without.verify_charge(meter, "charge-change") is None


def test_data_that_were_mended_change_no_key(door: Door, noor: Noor, meter: MeterAt, vendor: EmbeddedVendor) -> None:
    """A number that was wrong is nothing that a meter can be told."""
    vendor.charge(ChargeRequest("charge-before", meter, 100))
    sts_meter(door, noor, iin="600728")
    charge = vendor.charge(ChargeRequest("charge-after", meter, 100))
    assert [token.kind for token in charge.tokens] == [TokenKind.CREDIT]
