"""Home: what needs attention now, and how it goes."""

from typing import Any, Final

from bot.api.conversations import list_conversations
from bot.api.notifications import list_notifications
from bot.api.tickets import list_tickets
from bot.console.attention import needs
from bot.console.charts import week_of
from bot.console.conversations import names
from bot.console.readers import Reader
from bot.console.sections import TODAY, Section

home = Section()

_SOME: Final = 5


@home.page("", title="console.home", template="home.html", menu=TODAY, live="messages,conversations,notifications")
def home_page(reader: Reader) -> dict[str, Any]:
    """Show what somebody who comes in the morning wants to know."""
    some = {"limit": _SOME}
    waiting = reader.listing(list_conversations, {**some, "person_wanted": True}).items
    return {
        "needs": needs(reader.session, reader.call.business_id),
        "week": week_of(reader.session, reader.business, reader.words.language),
        "waiting": waiting,
        "names": names(reader, [one.contact_id for one in waiting]),
        "open_tickets": reader.listing(list_tickets, {**some, "status": "open"}).items,
        "told": reader.listing(list_notifications, {**some, "unread": True}).items,
    }
