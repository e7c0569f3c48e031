"""Taking a payment from one state to another: one UPDATE, whose WHERE lists the states that it may come from."""

from typing import Any
from uuid import UUID

from domain.clock import now
from domain.door import Visit
from domain.payments.states import sources_of, state_after


def move(visit: Visit, payment_id: UUID, action: str, **facts: Any) -> bool:
    """Do `action` to a payment, and set the columns named in `facts`. False where it is not in a state for that."""
    columns = "".join(f", {name} = %({name})s" for name in facts)
    statement = f"""
        UPDATE payment SET status = %(to)s, status_at = %(now)s{columns}
        WHERE id = %(payment_id)s AND status = ANY(%(sources)s) RETURNING id
    """  # noqa: S608  columns that our own code names
    values = {"payment_id": payment_id, "to": state_after(action), "now": now(), "sources": sources_of(action)}
    return bool(visit.ask(statement, {**facts, **values}))
