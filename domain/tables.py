"""All tables, for those who need every one of them: migrations, grants and checks."""

from domain import (
    answers,
    attempts,
    audit,
    bearers,
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
    notifications,
    outages,
    seals,
    senders,
    staff,
    subscriptions,
    tickets,
    timers,
)
from domain.base import Base

__all__ = [
    "Base",
    "answers",
    "attempts",
    "audit",
    "bearers",
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
    "notifications",
    "outages",
    "seals",
    "senders",
    "staff",
    "subscriptions",
    "tickets",
    "timers",
]

# Rows of these are only ever added; the database refuses anything else.
APPEND_ONLY = ("audit_entry", "audit_seal", "consent", "ticket_event")
# These tell nothing of any business, and are seen only by who sees every one.
OF_NO_BUSINESS = ("sign_in_limit",)
