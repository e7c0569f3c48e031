"""Reconnecting what was disconnected for a debt, once that is paid: by the rule of a business, else staff is to do it.

A disconnection is settled in the transaction that writes down what follows from it, so that it follows once.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domain.clock import now
from domain.door import Visit
from domain.dunning.stopping import OWED

# What is to be done about a meter.
RECONNECT, STAFF = "reconnect", "staff"

# Two at it at once might each leave a meter with two debts to the other. Asked by itself: what follows sees what the
# one before has written.
_ALONE: Final = "SELECT pg_try_advisory_xact_lock(hashtextextended('reconnecting', 0))"
# A disconnection by the rule is for an invoice; one by staff for all that was overdue on that day. A meter is let be
# until every debt that it was disconnected for is paid, and no disconnection is on its way: what waits to be sent for
# a debt that is paid fails. Who has switched it on meanwhile has done it; where it was also switched off for another
# reason, a person has to look.
_PAID: Final = f"""
    WITH cut AS (
        SELECT told.id, told.business_id, told.meter_id, told.created_at,
               told.state IN ('in_doubt', 'acknowledged', 'confirmed') AND NOT EXISTS (
                   SELECT FROM invoice
                   WHERE {OWED} AND invoice.customer_id = meter.customer_id
                     AND (invoice.id = told.invoice_id OR told.invoice_id IS NULL
                          AND due_date < (told.created_at AT TIME ZONE timezone)::date)) AS is_over
        FROM meter_command AS told JOIN meter ON meter.id = told.meter_id
        JOIN business ON business.id = told.business_id
        WHERE told.for_debt AND told.settled_at IS NULL AND told.command = 'disconnect' AND told.state <> 'failed'
    ), free AS (
        SELECT business_id, meter_id, max(created_at) AS cut_at,
               (array_agg(id ORDER BY created_at DESC, id DESC))[1] AS last_id
        FROM cut GROUP BY business_id, meter_id HAVING bool_and(is_over) LIMIT %(most)s
    ), settled AS (
        UPDATE meter_command AS told SET settled_at = %(now)s FROM cut
        WHERE told.id = cut.id AND cut.meter_id IN (SELECT meter_id FROM free)
    )
    SELECT free.business_id, free.meter_id, meter_no, last_id,
           CASE WHEN NOT active OR EXISTS (
                    SELECT FROM meter_command AS other WHERE other.meter_id = free.meter_id
                      AND command IN ('reconnect', 'turn_on') AND state <> 'failed' AND other.created_at > cut_at)
                THEN 'nothing'
                WHEN EXISTS (
                    SELECT FROM meter_command AS other WHERE other.meter_id = free.meter_id AND NOT for_debt
                      AND command IN ('disconnect', 'turn_off') AND state <> 'failed'
                      AND NOT EXISTS (SELECT FROM meter_command AS later WHERE later.meter_id = free.meter_id
                                      AND later.command IN ('reconnect', 'turn_on') AND later.state <> 'failed'
                                      AND later.created_at > other.created_at)) THEN 'staff'
                WHEN reconnects THEN 'reconnect' ELSE 'staff' END
    FROM free JOIN meter ON meter.id = free.meter_id
    LEFT JOIN dunning_rules AS rules ON rules.business_id = free.business_id
"""  # noqa: S608  conditions of our own
_RECONNECT: Final = """
    INSERT INTO meter_command (id, created_at, business_id, meter_id, command, reason, state, state_at, for_debt,
                               undoes_id)
    SELECT gen_random_uuid(), %(now)s, business_id, meter_id, 'reconnect', 'the debt is paid', 'queued', %(now)s, true,
           id
    FROM meter_command WHERE id = ANY(%(cuts)s)
"""
_FAILED: Final = """
    UPDATE meter_command AS told SET settled_at = %(now)s FROM meter
    WHERE meter.id = told.meter_id AND told.for_debt AND told.settled_at IS NULL AND told.command = 'reconnect'
      AND told.state = 'failed'
    RETURNING told.business_id, told.meter_id, meter_no
"""


@dataclass(frozen=True, slots=True)
class Unplugged:
    """A meter that staff is to reconnect."""

    business_id: UUID
    meter_id: UUID
    meter_no: str


def reconnect_paid(visit: Visit, most: int) -> tuple[int, int, list[Unplugged]]:
    """Write the reconnections down that follow from payments. `visit` sees every business.

    Returns how many meters were settled, how many of them by a command, and those that staff is to look after. Nothing
    while somebody else is at it.
    """
    if not visit.ask(_ALONE, {})[0][0]:
        return 0, 0, []
    found = visit.ask(_PAID, {"now": now(), "most": most})
    cuts = [cut_id for _, _, _, cut_id, what in found if what == RECONNECT]
    if cuts:
        visit.ask(_RECONNECT, {"now": now(), "cuts": cuts})
    return len(found), len(cuts), [Unplugged(*row[:3]) for row in found if row[4] == STAFF]


def failed_reconnections(visit: Visit) -> list[Unplugged]:
    """Return the meters whose reconnection has failed, each once."""
    return [Unplugged(*row) for row in visit.ask(_FAILED, {"now": now()})]
