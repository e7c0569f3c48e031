"""Posting: entries are written down, many at once, and reversed. Nothing that is posted ever changes."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from domain.clock import now
from domain.door import Visit
from domain.ids import new_id
from domain.ledger.entries import Entry

REVERSAL: Final = "reversal"
_SOURCE_OF_REVERSAL: Final = "entry"


class CannotReverse(LookupError):
    """There is no such entry, or it is itself a reversal."""


# Accounts are opened when they are first booked on. Two that open the same one at once: the second waits, and finds it.
_OPEN: Final = """
    INSERT INTO ledger_account (id, created_at, business_id, kind, currency, customer_id, holder_id, balance_minor)
    SELECT id, %(now)s, business_id, kind, currency, customer_id, COALESCE(customer_id, business_id),
           CASE kind WHEN 'wallet' THEN 0 END
    FROM ROWS FROM (unnest(%(ids)s::uuid[]), unnest(%(businesses)s::uuid[]), unnest(%(kinds)s::text[]),
                    unnest(%(currencies)s::text[]), unnest(%(customers)s::uuid[]))
             AS wanted (id, business_id, kind, currency, customer_id)
    WHERE NOT EXISTS (SELECT FROM ledger_account AS known
                      WHERE known.holder_id = COALESCE(wanted.customer_id, wanted.business_id)
                        AND known.kind = wanted.kind AND known.currency = wanted.currency)
    ON CONFLICT (holder_id, kind, currency) DO NOTHING
"""
_BOOK: Final = """
    INSERT INTO journal_line (entry_id, n, lines, created_at, business_id, account_id, currency, amount_minor)
    SELECT entry_id, n, lines, %(now)s, line.business_id, account.id, line.currency, amount_minor
    FROM ROWS FROM (unnest(%(line_entries)s::uuid[]), unnest(%(line_ns)s::smallint[]),
                    unnest(%(line_lines)s::smallint[]), unnest(%(line_businesses)s::uuid[]),
                    unnest(%(line_holders)s::uuid[]), unnest(%(line_kinds)s::text[]),
                    unnest(%(line_currencies)s::text[]), unnest(%(line_amounts)s::bigint[]))
             AS line (entry_id, n, lines, business_id, holder_id, kind, currency, amount_minor)
    JOIN ledger_account AS account
      ON account.holder_id = line.holder_id AND account.kind = line.kind AND account.currency = line.currency
"""
# A line whose account is not open yet leaves its entry one short, which the database would refuse at the end.
_POST: Final = f"""
    WITH entry AS (
        INSERT INTO journal_entry (id, created_at, business_id, day, kind, source_type, source_id, lines)
        SELECT id, %(now)s, business_id, day, kind, source_type, source_id, lines
        FROM ROWS FROM (unnest(%(ids)s::uuid[]), unnest(%(businesses)s::uuid[]), unnest(%(days)s::date[]),
                        unnest(%(kinds)s::text[]), unnest(%(source_types)s::text[]), unnest(%(source_ids)s::uuid[]),
                        unnest(%(lines)s::smallint[]))
                 AS one (id, business_id, day, kind, source_type, source_id, lines)
    ), booked AS ({_BOOK} RETURNING 1)
    SELECT count(*) FROM booked
"""  # noqa: S608  a statement of our own
_BOOK_THE_REST: Final = f"""
    {_BOOK}
    WHERE NOT EXISTS (SELECT FROM journal_line AS known WHERE known.entry_id = line.entry_id AND known.n = line.n)
"""
_REVERSE: Final = """
    WITH reversal AS (
        INSERT INTO journal_entry (id, created_at, business_id, day, kind, source_type, source_id, reverses_id, lines)
        SELECT %(id)s, %(now)s, business_id, %(day)s, %(kind)s, %(source_type)s, id, id, lines
        FROM journal_entry WHERE id = %(entry_id)s AND reverses_id IS NULL
        RETURNING id
    )
    INSERT INTO journal_line (entry_id, n, lines, created_at, business_id, account_id, currency, amount_minor)
    SELECT reversal.id, n, lines, %(now)s, business_id, account_id, currency, -amount_minor
    FROM journal_line, reversal WHERE entry_id = %(entry_id)s
    RETURNING entry_id
"""


def post(visit: Visit, entries: Sequence[Entry]) -> list[UUID]:
    """Write `entries` down, in one statement however many there are, and return their ids in the same order.

    Where accounts have to be opened, it takes two more.

    The database refuses, and undoes the whole transaction: a second entry for the same cause (UniqueViolation), a
    wallet below zero (CheckViolation).
    """
    if not entries:
        return []
    at, ids = now(), [new_id() for _ in entries]
    lines = _lines(entries, ids)
    ((booked,),) = visit.ask(_POST, {**_heads(entries, ids, at), **lines})
    if booked < len(lines["line_ns"]):
        visit.ask(_OPEN, {"now": at, **_accounts(entries)})
        visit.ask(_BOOK_THE_REST, {"now": at, **lines})
    return ids


def reverse(visit: Visit, entry_id: UUID, day: date) -> UUID:
    """Post the opposite of an entry on `day`, and return its id. Raises CannotReverse.

    The database refuses a second reversal (UniqueViolation), and one that would leave a wallet below zero.
    """
    values = {"id": new_id(), "now": now(), "day": day, "entry_id": entry_id}
    rows = visit.ask(_REVERSE, {**values, "kind": REVERSAL, "source_type": _SOURCE_OF_REVERSAL})
    if not rows:
        raise CannotReverse(f"there is no entry {entry_id} to be reversed")
    return UUID(str(values["id"]))


def _accounts(entries: Sequence[Entry]) -> dict[str, Any]:
    wanted = {
        (entry.business_id, line.account.kind, line.amount.currency, line.account.customer_id): None
        for entry in entries
        for line in entry.lines
    }
    # In one order, so that two who open the same accounts wait for each other and not in a circle.
    businesses, kinds, currencies, customers = zip(*sorted(wanted, key=str), strict=True)
    return {
        "ids": [new_id() for _ in wanted],
        "businesses": list(businesses),
        "kinds": list(kinds),
        "currencies": list(currencies),
        "customers": list(customers),
    }


def _heads(entries: Sequence[Entry], ids: list[UUID], at: datetime) -> dict[str, Any]:
    return {
        "now": at,
        "ids": ids,
        "businesses": [entry.business_id for entry in entries],
        "days": [entry.day for entry in entries],
        "kinds": [entry.kind for entry in entries],
        "source_types": [entry.source_type for entry in entries],
        "source_ids": [entry.source_id for entry in entries],
        "lines": [len(entry.lines) for entry in entries],
    }


def _lines(entries: Sequence[Entry], ids: list[UUID]) -> dict[str, Any]:
    every = [
        (entry_id, n, entry, line)
        for entry_id, entry in zip(ids, entries, strict=True)
        for n, line in enumerate(entry.lines, start=1)
    ]
    return {
        "line_entries": [entry_id for entry_id, _, _, _ in every],
        "line_ns": [n for _, n, _, _ in every],
        "line_lines": [len(entry.lines) for _, _, entry, _ in every],
        "line_businesses": [entry.business_id for _, _, entry, _ in every],
        "line_holders": [line.account.customer_id or entry.business_id for _, _, entry, line in every],
        "line_kinds": [line.account.kind for _, _, _, line in every],
        "line_currencies": [line.amount.currency for _, _, _, line in every],
        "line_amounts": [line.amount.minor for _, _, _, line in every],
    }
