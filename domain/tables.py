"""All tables, for those who need every one of them: migrations, grants and checks."""

from domain import (
    answers,
    attempts,
    audit,
    balances,
    bearers,
    businesses,
    campaigns,
    codes,
    contacts,
    contents,
    conversations,
    counts,
    customers,
    handovers,
    health,
    hours,
    invoice_lines,
    invoices,
    job_runs,
    jobs,
    listening,
    message_files,
    messages,
    meters,
    notifications,
    numbers,
    outages,
    purchases,
    seals,
    senders,
    staff,
    subscriptions,
    tariffs,
    templates,
    tickets,
    timers,
)
from domain.base import Base
from domain.billing import tables as billing
from domain.dunning import rules as dunning_rules
from domain.dunning import tables as dunning
from domain.ledger import tables as ledger
from domain.payments import tables as payments
from domain.readings import tables as readings
from domain.subsidies import tables as subsidies
from domain.vendors import books as vended
from domain.vendors import meter_commands
from domain.vendors import reports as meter_reports

__all__ = [
    "Base",
    "answers",
    "attempts",
    "audit",
    "balances",
    "bearers",
    "billing",
    "businesses",
    "campaigns",
    "codes",
    "contacts",
    "contents",
    "conversations",
    "counts",
    "customers",
    "dunning",
    "dunning_rules",
    "handovers",
    "health",
    "hours",
    "invoice_lines",
    "invoices",
    "job_runs",
    "jobs",
    "ledger",
    "listening",
    "message_files",
    "messages",
    "meter_commands",
    "meter_reports",
    "meters",
    "notifications",
    "numbers",
    "outages",
    "payments",
    "purchases",
    "readings",
    "seals",
    "senders",
    "staff",
    "subscriptions",
    "subsidies",
    "tariffs",
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
    "meter_exchange",
    "pause",
    "subscription_change",
    "ticket_event",
    "token",
    "vended_token",
)
# Rows of these belong to no business: they are about the service itself, and seen by sessions for every business only.
OF_NO_BUSINESS = ("account_balance", "count", "gateway_notice", "job", "job_run", "sign_in_limit")
