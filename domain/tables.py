"""All tables, for those who need every one of them: migrations, grants and checks."""

from domain import (
    answers,
    attempts,
    audit,
    balances,
    bearers,
    businesses,
    codes,
    contacts,
    contents,
    conversations,
    counts,
    customers,
    hours,
    invoice_lines,
    invoices,
    job_runs,
    jobs,
    messages,
    meters,
    notifications,
    numbers,
    outages,
    seals,
    senders,
    staff,
    subscriptions,
    templates,
    tickets,
    timers,
)
from domain.base import Base
from domain.ledger import tables as ledger
from domain.payments import tables as payments
from domain.vendors import books as vended
from domain.vendors import meter_commands

__all__ = [
    "Base",
    "answers",
    "attempts",
    "audit",
    "balances",
    "bearers",
    "businesses",
    "codes",
    "contacts",
    "contents",
    "conversations",
    "counts",
    "customers",
    "hours",
    "invoice_lines",
    "invoices",
    "job_runs",
    "jobs",
    "ledger",
    "messages",
    "meter_commands",
    "meters",
    "notifications",
    "numbers",
    "outages",
    "payments",
    "seals",
    "senders",
    "staff",
    "subscriptions",
    "templates",
    "tickets",
    "timers",
    "vended",
]

# Rows of these are only ever added; the database refuses anything else.
APPEND_ONLY = (
    "audit_entry",
    "audit_seal",
    "consent",
    "credit_note",
    "invoice_line",
    "journal_entry",
    "journal_line",
    "pause",
    "subscription_change",
    "ticket_event",
    "vended_token",
)
# Rows of these belong to no business: they are about the service itself, and seen by sessions for every business only.
OF_NO_BUSINESS = ("account_balance", "count", "gateway_notice", "job", "job_run", "sign_in_limit")
