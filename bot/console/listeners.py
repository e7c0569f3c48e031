"""Who listens to what changes: how many there are, what they are told, and who was too slow."""

from typing import Any

from sqlalchemy import select

from bot.console.readers import Reader
from bot.console.sections import SYSTEM, Section
from domain.clock import now
from domain.listening import GONE_AFTER, Listening
from domain.staff import ADMIN

listeners = Section()


@listeners.page("/listeners", title="console.listeners", template="listeners.html", menu=SYSTEM, role=ADMIN)
def listener_list(reader: Reader) -> dict[str, Any]:
    """Show what each process that tells events has counted for this business."""
    statement = select(Listening).where(
        Listening.business_id == reader.call.business_id, Listening.seen_at > now() - GONE_AFTER
    )
    found = list(reader.session.scalars(statement.order_by(Listening.process)))
    names = ("listeners", "events_per_minute", "told", "reloads", "dropped")
    return {"found": found, "names": names, "sums": {name: sum(getattr(one, name) for one in found) for name in names}}
