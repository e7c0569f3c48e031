"""Staff disconnects: for a debt not on the eve of a day on which nobody comes; else whenever it is asked for."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from domain.door import Door
from domain.meters import Meter
from domain.vendors.meter_commands import MeterCommand
from tests.api.people import Asker
from tests.noor import Noor

OWES, OWES_NOTHING = "07098765432", "01000000016"


@pytest.fixture
def eve(admin: Asker, door: Door, noor: Noor) -> None:
    """Everybody works every day, but for tomorrow."""
    tomorrow = (noor.today + timedelta(days=1)).isoformat()
    hours = [{"weekday": day, "opens": "08:00", "closes": "17:00"} for day in range(7)]
    holidays = [{"date": tomorrow, "name_en": "Founding Day", "name_ar": "يوم التأسيس"}]
    assert admin.asks("PATCH", "/business", {"hours": hours, "holidays": holidays}).status_code == 200
    with door.for_business(noor.business_id) as session:
        session.execute(update(Meter).values(network="sts", kind="prepaid"))


def disconnects(admin: Asker, meter_no: str, **because: str) -> Any:
    return admin.asks("POST", f"/meters/{meter_no}/disconnect", {"reason": "Unpaid for months", **because})


@pytest.mark.usefixtures("eve")
@pytest.mark.parametrize("because", [{}, {"because": "debt"}])
def test_a_debt_waits_for_a_working_day(admin: Asker, door: Door, because: dict[str, str]) -> None:
    refused = disconnects(admin, OWES, **because)
    assert (refused.status_code, refused.json["code"]) == (409, "day_off_ahead")
    assert admin.asks("PATCH", "/business", {"holidays": []}).status_code == 200
    assert disconnects(admin, OWES, **because).status_code == 202
    assert followed(door) == [True]


def followed(door: Door) -> list[bool]:
    """Return of each disconnection whether it is followed until the debt is paid."""
    with door.for_every_business() as session:
        return list(session.scalars(select(MeterCommand.for_debt).order_by(MeterCommand.id)))


@pytest.mark.usefixtures("eve")
def test_what_is_asked_for_or_dangerous_is_done(admin: Asker, door: Door) -> None:
    assert disconnects(admin, OWES, because="safety").status_code == 202
    assert disconnects(admin, OWES_NOTHING).status_code == 202
    assert disconnects(admin, OWES_NOTHING, because="debt").status_code == 409
    assert admin.asks("PATCH", "/business", {"holidays": []}).status_code == 200
    assert disconnects(admin, OWES_NOTHING, because="debt").status_code == 202
    assert followed(door) == [False, False, False]  # nothing is owed that could be paid


def test_no_day_is_too_long_ago_to_be_asked_for(admin: Asker) -> None:
    long_ago = "0001-01-01T00:00:00Z"
    asked = admin.asks("GET", f"/meters/{OWES}/readings?until={long_ago}&since={long_ago}")
    assert asked.status_code in {200, 409, 502, 503}
