"""Disconnecting for a debt: only by a rule of the business, and only while all that it asks for still holds."""

from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

_OBSTACLE: Final = text(
    """
    SELECT CASE WHEN invoice.status NOT IN ('issued', 'part_paid') THEN 'paid'
                WHEN customer.protected THEN 'protected' END
    FROM meter_command JOIN invoice ON invoice.id = invoice_id JOIN customer ON customer.id = invoice.customer_id
    WHERE meter_command.id = :command_id
    """
)


def obstacle_to(session: Session, command_id: UUID) -> str | None:
    """Return why a command may not be sent after all: the debt that it is for is none any more. None for all others."""
    obstacle: str | None = session.scalar(_OBSTACLE, {"command_id": command_id})
    return obstacle
