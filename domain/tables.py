"""All tables, for those who need every one of them: migrations, grants and checks."""

from domain import (
    businesses,
    codes,
    contacts,
    contents,
    conversations,
    customers,
    hours,
    invoices,
    messages,
    meters,
    outages,
    senders,
    subscriptions,
    tickets,
    timers,
)
from domain.base import Base

__all__ = [
    "Base",
    "businesses",
    "codes",
    "contacts",
    "contents",
    "conversations",
    "customers",
    "hours",
    "invoices",
    "messages",
    "meters",
    "outages",
    "senders",
    "subscriptions",
    "tickets",
    "timers",
]

# Rows of these are only ever added; the database refuses anything else.
APPEND_ONLY = ("consent", "ticket_event")
