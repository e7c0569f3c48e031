"""Whether a contact agreed to offers and news: the newest decision counts, and without one the answer is no."""

from typing import Final
from uuid import UUID

from domain.door import Visit

TOPIC: Final = "marketing"
_NEWEST: Final = """
    SELECT granted FROM consent WHERE contact_id = %(contact_id)s AND topic = 'marketing'
    ORDER BY created_at DESC, id DESC LIMIT 1
"""


def wants_offers(visit: Visit, contact_id: UUID) -> bool:
    """Tell whether the contact agreed to offers and news, and has not taken it back."""
    rows = visit.ask(_NEWEST, {"contact_id": contact_id})
    return bool(rows and rows[0][0])
