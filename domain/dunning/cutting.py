"""Disconnecting for a debt by a rule of the business: announced before, never the protected, never ahead of a day off.

All of it is asked again when the command is about to be sent.
"""

from datetime import time
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from domain.clock import now
from domain.door import Visit
from domain.dunning.days import may_cut_today
from domain.dunning.stopping import FREE, OWED, UNDISPUTED, WITHOUT_PLAN

# While somebody can still be reached, and pay.
_FROM, _UNTIL = time(9), time(14)
_RULED: Final = """
    SELECT business.id FROM business JOIN dunning_rules AS rules ON rules.business_id = business.id
    WHERE cut_days IS NOT NULL
      AND (%(now)s::timestamptz AT TIME ZONE timezone)::time BETWEEN %(begin)s AND %(end)s
"""
_CUT: Final = f"""
    INSERT INTO meter_command (id, created_at, business_id, meter_id, command, reason, state, state_at, invoice_id,
                               for_debt)
    SELECT gen_random_uuid(), %(now)s, invoice.business_id, meter.id, 'disconnect', 'overdue: ' || invoice_no,
           'queued', %(now)s, invoice.id, true
    FROM invoice JOIN customer ON customer.id = invoice.customer_id
    JOIN business ON business.id = invoice.business_id JOIN dunning_rules AS rules ON rules.business_id = business.id
    CROSS JOIN LATERAL (SELECT (%(now)s::timestamptz AT TIME ZONE timezone)::date AS today) AS there
    JOIN reminder AS announced ON announced.invoice_id = invoice.id AND announced.kind = 'disconnection'
    JOIN message ON message.id = announced.message_id
    JOIN meter ON meter.customer_id = customer.id AND meter.active AND meter.network = 'acrel'
        AND meter.kind = 'postpaid'
    WHERE invoice.business_id = %(business_id)s AND {OWED} AND {FREE} AND NOT protected
      AND due_date + cut_days <= today AND announced.day + (cut_days - notice_days) <= today
      AND message.status IN ('accepted', 'sent', 'delivered', 'read')
    ON CONFLICT (invoice_id, meter_id) WHERE invoice_id IS NOT NULL AND state <> 'failed' DO NOTHING
    RETURNING id
"""  # noqa: S608  conditions of our own
_OBSTACLE: Final = text(
    f"""
    SELECT told.business_id,
           CASE WHEN NOT ({OWED}) THEN 'paid' WHEN NOT ({UNDISPUTED}) THEN 'disputed'
                WHEN NOT ({WITHOUT_PLAN}) THEN 'instalments' WHEN protected THEN 'protected_customer' END
    FROM meter_command AS told JOIN invoice ON invoice.id = told.invoice_id
    JOIN customer ON customer.id = invoice.customer_id
    WHERE told.id = :command_id
    """  # noqa: S608
)


def ruled_businesses(visit: Visit) -> list[UUID]:
    """Return the businesses that disconnect by a rule, where it is the time for it."""
    return [found for (found,) in visit.ask(_RULED, {"now": now(), "begin": _FROM, "end": _UNTIL})]


def cut_by_rule(visit: Visit, business_id: UUID) -> int:
    """Write down the disconnections that the rule of a business asks for today, and return how many."""
    if not may_cut_today(visit, business_id):
        return 0
    return len(visit.ask(_CUT, {"business_id": business_id, "now": now()}))


def obstacle_to(session: Session, command_id: UUID) -> str | None:
    """Return why a command may not be sent after all: the debt that it is for is none any more, or a day off is ahead.

    None for all others.
    """
    row = session.execute(_OBSTACLE, {"command_id": command_id}).one_or_none()
    if row is None:
        return None
    obstacle: str | None = row[1]
    if obstacle is None and not may_cut_today(Visit.within(session), row[0]):
        return "day_off_ahead"
    return obstacle
