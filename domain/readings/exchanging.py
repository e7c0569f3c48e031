"""Exchanging a meter: what the old one had counted at last, what the new one begins at, and when."""

from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg.errors import UniqueViolation

from domain.clock import now
from domain.door import Visit
from domain.ids import new_id


class CannotExchange(ValueError):
    """It is not possible. `code`: no_meter, other_customer, exchanged_before."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


# The old meter is in use no more; what it had counted at last stands with the exchange.
_METERS: Final = """
    SELECT old.id, old.business_id, old.customer_id = new.customer_id AND old.kind = 'postpaid', new.id
    FROM meter AS old, meter AS new WHERE old.meter_no = %(old)s AND new.meter_no = %(new)s AND old.id <> new.id
    FOR NO KEY UPDATE
"""
_EXCHANGE: Final = """
    WITH off AS (
        UPDATE meter SET active = false, closed_on = (%(at)s::timestamptz AT TIME ZONE timezone)::date
        FROM business WHERE meter.id = %(old_id)s AND business.id = meter.business_id)
    INSERT INTO meter_exchange (id, created_at, business_id, meter_id, old_meter_id, exchanged_at, last_wh, first_wh)
    VALUES (%(id)s, %(now)s, %(business_id)s, %(new_id)s, %(old_id)s, %(at)s, %(last_wh)s, %(first_wh)s)
"""


def exchange(visit: Visit, old: str, new: str, at: datetime, registers: tuple[int, int]) -> tuple[UUID, UUID]:
    """Note that the meter `new` took the place of `old`, both by their numbers. Returns the exchange and the new meter.

    `registers` is what the old one had counted at last, and the new one at first, in Wh. Raises CannotExchange.
    """
    rows = visit.ask(_METERS, {"old": old, "new": new})
    if not rows:
        raise CannotExchange("no_meter")
    old_id, business_id, alike, meter_id = rows[0]
    if not alike:
        raise CannotExchange("other_customer")
    values = {"id": new_id(), "now": now(), "business_id": business_id, "new_id": meter_id, "old_id": old_id, "at": at}
    try:
        visit.ask(_EXCHANGE, {**values, "last_wh": registers[0], "first_wh": registers[1]})
    except UniqueViolation:
        raise CannotExchange("exchanged_before") from None
    return UUID(str(values["id"])), meter_id
