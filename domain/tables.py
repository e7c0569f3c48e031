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
    invoices,
    job_runs,
    jobs,
    messages,
    meters,
    notifications,
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
    "invoices",
    "job_runs",
    "jobs",
    "messages",
    "meters",
    "notifications",
    "outages",
    "seals",
    "senders",
    "staff",
    "subscriptions",
    "templates",
    "tickets",
    "timers",
]

# Rows of these are only ever added; the database refuses anything else.
APPEND_ONLY = ("audit_entry", "audit_seal", "consent", "pause", "subscription_change", "ticket_event")
# Rows of these belong to no business: they are about the service itself, and seen by sessions for every business only.
OF_NO_BUSINESS = ("account_balance", "count", "job", "job_run", "sign_in_limit")
