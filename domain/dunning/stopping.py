"""What stops a reminder: payment, a dispute, a plan that was agreed. Asked when it is prepared, and when it is sent."""

from typing import Final
from uuid import UUID

from domain.door import Visit

# About a row of `invoice`. Whoever pays in instalments is reminded of those.
OWED: Final = "invoice.status IN ('issued', 'part_paid')"
UNDISPUTED: Final = """NOT EXISTS (SELECT FROM invoice_dispute AS dispute
    WHERE dispute.invoice_id = invoice.id AND dispute.closed_at IS NULL)"""
WITHOUT_PLAN: Final = """NOT EXISTS (SELECT FROM instalment_plan AS agreed
    WHERE agreed.invoice_id = invoice.id AND agreed.state = 'active')"""
FREE: Final = f"{UNDISPUTED} AND {WITHOUT_PLAN}"

_WHY: Final = f"""
    SELECT CASE WHEN NOT ({OWED}) THEN 'paid' WHEN NOT ({UNDISPUTED}) THEN 'disputed'
                WHEN NOT ({WITHOUT_PLAN}) THEN 'instalments' END
    FROM invoice WHERE id = %(invoice_id)s
"""  # noqa: S608  conditions of our own
# About a row of `message`: why the reminder that it is may not be sent any more.
REFUSED: Final = f"""
    CASE WHEN message.reminder_id IS NOT NULL THEN (
        SELECT CASE WHEN NOT ({OWED}) THEN 'paid'
                    WHEN NOT ({UNDISPUTED}) THEN 'disputed'
                    WHEN reminder.kind <> 'instalment' AND NOT ({WITHOUT_PLAN}) THEN 'instalments'
                    WHEN reminder.kind = 'instalment' AND NOT EXISTS (
                        SELECT FROM instalment AS part JOIN instalment_plan AS plan ON plan.id = part.plan_id
                        WHERE part.id = reminder.instalment_id AND plan.state = 'active'
                          AND invoice.paid_minor - plan.paid_before_minor < part.until_minor) THEN 'paid' END
        FROM reminder JOIN invoice ON invoice.id = reminder.invoice_id WHERE reminder.id = message.reminder_id) END
"""  # noqa: S608  conditions of our own


def what_stops(visit: Visit, invoice_id: UUID) -> str | None:
    """Return why nobody is reminded of an invoice: paid, disputed, instalments. None where nothing stops it."""
    rows = visit.ask(_WHY, {"invoice_id": invoice_id})
    return rows[0][0] if rows else None
