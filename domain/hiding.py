"""What is left in the message log of a one-time code: that there was one."""

import re
from typing import Final
from uuid import UUID

from domain.door import Visit

MASK: Final = "••••••"
# Digits, or what lets somebody of staff set a password.
_TO_HIDE: Final = r"ri_[A-Za-z0-9_-]+|[0-9]{4,}"
# A column that holds a code only while it must be sent. What it leaves of other numbers is nobody's loss.
HIDDEN_TEXT: Final = f"regexp_replace(message.text, '{_TO_HIDE}', '{MASK}', 'g')"
# What the database itself refuses to keep: a code in a message that is sent, or will never be.
NO_CODE_LEFT: Final = "kind <> 'code' OR status IN ('queued', 'sending', 'in_doubt') OR text !~ '[0-9]{6}'"

_CODE: Final = re.compile(_TO_HIDE)
_HIDE: Final = """
    UPDATE message
    SET text = %(text)s::text,
        params = CASE WHEN params ? 'Body' THEN jsonb_set(params, '{Body}', to_jsonb(%(text)s::text)) ELSE params END
    WHERE id = %(message_id)s AND direction = 'inbound'
"""


def shown(kind: str, text: str) -> str:
    """Return the text of a message as anybody but the customer may see it, whatever its status."""
    return _CODE.sub(MASK, text) if kind == "code" else text


def hide_digits(visit: Visit, message_id: UUID | None, text: str) -> None:
    """Leave no digit of what a customer wrote, of whatever script, in the inbound message."""
    hidden = "".join("•" if letter.isdigit() else letter for letter in text)
    visit.ask(_HIDE, {"message_id": message_id, "text": hidden})
