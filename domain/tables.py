"""All tables, for those who need every one of them: migrations, grants and checks."""

from domain import (
    businesses,
    codes,
    contacts,
    contents,
    conversations,
    customers,
    hours,
    invoice_lines,
    invoices,
    messages,
    meters,
    numbers,
    outages,
    senders,
    subscriptions,
    tickets,
    timers,
)
from domain.base import Base
from domain.ledger import tables as ledger

__all__ = [
    "Base",
    "businesses",
    "codes",
    "contacts",
    "contents",
    "conversations",
    "customers",
    "hours",
    "invoice_lines",
    "invoices",
    "ledger",
    "messages",
    "meters",
    "numbers",
    "outages",
    "senders",
    "subscriptions",
    "tickets",
    "timers",
]

# Rows of these are only ever added; the database refuses anything else.
APPEND_ONLY = ("consent", "ticket_event", "journal_entry", "journal_line", "invoice_line", "credit_note")
