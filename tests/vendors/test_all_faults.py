"""Many charges at once, with every fault switched on: each reference is one charge, and each token is accepted once."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from domain.ids import new_id
from domain.vendors.errors import OutcomeUnknown, Refused
from domain.vendors.requests import ChargeRequest, MeterAt
from domain.vendors.results import Charge
from domain.vendors.settling import verified
from tests.vendors.emulator import FACTS, Emulator, charge_or_verify, emulator

NUMBERS = ("01412301374", "01412302745", "01412306852", "01412309591")
METERS = [MeterAt(new_id(), new_id(), number) for number in NUMBERS]
FAULTS = ("timeout_before", "timeout_after", "error_500", "error_500_after", "duplicate", "out_of_credit")


def charged(box: Emulator, request: ChargeRequest, met: Counter[str]) -> Charge:
    client = box.client(timeout=5, retries=0)
    charge, unknown = None, False
    while charge is None:
        try:
            charge = verified(client, request) if unknown else None
            charge = charge or charge_or_verify(client, request)
            unknown = False
        except OutcomeUnknown:
            met["unknown, and no answer to the question"] += 1
            unknown = True
        except Refused as error:
            met[error.code] += 1
    return charge


@pytest.mark.parametrize("number", [200, pytest.param(2000, marks=pytest.mark.long)])
def test_one_reference_is_one_charge(number: int) -> None:
    meters = [{**FACTS, "meter_no": number, "load_watts": 0} for number in NUMBERS]
    requests = [
        ChargeRequest(f"reference-{n}", random.choice(METERS), random.randint(1, 40_000)) for n in range(number)
    ]
    met: Counter[str] = Counter()
    with emulator(meters=meters, credit_minor=10**12) as box:
        for kind in FAULTS:
            box.fault(kind, rate=0.12)
        box.fault("timeout_after", operation="read", rate=0.2)
        with ThreadPoolExecutor(8) as pool:
            charges = list(pool.map(lambda request: charged(box, request, met), requests))
        books = box.books()
        for charge, request in zip(charges, requests, strict=True):
            assert (charge.reference, charge.units) == (request.reference, request.units)
            assert [box.type_in(request.meter, token.digits)["result"] for token in charge.tokens] == [
                "accepted"
            ] * len(charge.tokens)
        faults = {fault["kind"]: fault["met"] for fault in box.world.faults.listed()}
        sold = sum(request.units for request in requests)
        assert sum(meter.credit_wh for meter in box.world.meters.values()) == sold * 100
    issued = [token["digits"] for charge in books["charges"] for token in charge["tokens"]]
    assert len(books["charges"]) == number
    assert sorted(issued) == sorted(token.digits for charge in charges for token in charge.tokens)
    assert books["credit_minor"] == 10**12 - sold * 2
    print(f"{number} charges, {len(issued)} tokens; faults met: {faults}; {dict(met)}")  # noqa: T201  the figures
