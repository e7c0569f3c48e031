"""Proves the whole book: every entry, every wallet, what is owed, and the numbers of documents.

The database refuses what this looks for; so whatever it finds was done past the database, or by a fault in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

_AT_ONCE: Final = 20_000
_FIRST: Final = UUID(int=0)

_COUNT: Final = text("SELECT count(*) FROM journal_entry")
# Entries go by in the order of their ids. Of each such part: where it ends, how many it has, and the first bad one.
_PART: Final = text(
    """
    WITH part AS (
        SELECT id, lines, reverses_id FROM journal_entry WHERE id > :after ORDER BY id LIMIT :at_once
    ), by_currency AS (
        SELECT entry_id, count(*) AS lines, sum(amount_minor) AS total,
               count(*) FILTER (WHERE account.currency <> line.currency OR account.business_id <> line.business_id)
                   AS foreigners
        FROM journal_line AS line JOIN ledger_account AS account ON account.id = account_id
        WHERE entry_id IN (SELECT id FROM part) GROUP BY entry_id, line.currency
    ), whole AS (
        SELECT entry_id, sum(lines) AS lines, bool_or(total <> 0) AS unbalanced, sum(foreigners) AS foreigners
        FROM by_currency GROUP BY entry_id
    ), bad AS (
        SELECT part.id, CASE
            WHEN COALESCE(whole.lines, 0) <> part.lines OR part.lines < 2
                THEN 'has ' || COALESCE(whole.lines, 0) || ' lines, not ' || part.lines
            WHEN unbalanced THEN 'does not sum to zero'
            WHEN foreigners > 0 THEN 'has a line on an account of another currency or business'
            WHEN reverses_id IS NOT NULL AND EXISTS (
                SELECT FROM journal_line WHERE entry_id IN (part.id, part.reverses_id)
                GROUP BY account_id HAVING sum(amount_minor) <> 0)
                THEN 'is not the opposite of ' || reverses_id END AS why
        FROM part LEFT JOIN whole ON whole.entry_id = part.id
    )
    SELECT (SELECT id FROM part ORDER BY id DESC LIMIT 1), (SELECT count(*) FROM part),
           (SELECT 'entry ' || id || ' ' || why FROM bad WHERE why IS NOT NULL ORDER BY id LIMIT 1)
    """
)
_WALLETS: Final = """
    SELECT 'wallet of customer ' || account_no || ' holds ' || balance_minor || ' ' || currency || ', its lines say '
           || COALESCE(-total, 0)
    FROM ledger_account AS account JOIN customer ON customer.id = customer_id
    LEFT JOIN (SELECT account_id, sum(amount_minor) AS total FROM journal_line GROUP BY account_id) AS booked
        ON booked.account_id = account.id
    WHERE kind = 'wallet' AND (balance_minor <> COALESCE(-total, 0) OR balance_minor < 0)
    ORDER BY account_no LIMIT 1
"""
_OWED: Final = """
    WITH asked AS (
        SELECT customer_id, currency, sum(total_minor - paid_minor) AS minor FROM invoice
        WHERE status <> 'cancelled' GROUP BY customer_id, currency
    ), booked AS (
        SELECT customer_id, account.currency, sum(amount_minor) AS minor
        FROM journal_line JOIN ledger_account AS account ON account.id = account_id
        WHERE kind = 'receivable' GROUP BY customer_id, account.currency
    )
    SELECT 'customer ' || account_no || ' owes ' || COALESCE(asked.minor, 0) || ' ' || currency
           || ' by the invoices, ' || COALESCE(booked.minor, 0) || ' by the ledger'
    FROM asked FULL JOIN booked USING (customer_id, currency) JOIN customer ON customer.id = customer_id
    WHERE COALESCE(asked.minor, 0) <> COALESCE(booked.minor, 0)
    ORDER BY account_no LIMIT 1
"""
_OPENED: Final = """
    SELECT 'opening balance of customer ' || account_no || ' is ' || opening_balance_minor || ', the ledger says '
           || COALESCE(booked.minor, 0)
    FROM customer LEFT JOIN (
        SELECT source_id, -sum(amount_minor) AS minor
        FROM journal_entry AS entry JOIN journal_line ON entry_id = entry.id
        JOIN ledger_account AS account ON account.id = account_id
        WHERE entry.source_type = 'customer' AND entry.kind = 'opening' AND account.kind = 'wallet'
        GROUP BY source_id) AS booked ON booked.source_id = customer.id
    WHERE opening_balance_minor <> COALESCE(booked.minor, 0)
    ORDER BY account_no LIMIT 1
"""
# Tax is worked out for each category and rate, and rounded once, as domain.vat does it.
_LINES: Final = """
    SELECT 'invoice ' || invoice_no || ' is of ' || net_minor || ' and ' || vat_minor || ' tax, its lines say '
           || COALESCE(said.net, 0) || ' and ' || COALESCE(said.vat, 0)
    FROM invoice LEFT JOIN (
        SELECT invoice_id, sum(net) AS net, sum(round(net * vat_rate)) AS vat
        FROM (SELECT invoice_id, vat_rate, sum(net_minor) AS net FROM invoice_line
              GROUP BY invoice_id, vat_category, vat_rate) AS share
        GROUP BY invoice_id) AS said ON said.invoice_id = invoice.id
    WHERE series IS NOT NULL AND (net_minor, vat_minor) IS DISTINCT FROM (COALESCE(said.net, 0), COALESCE(said.vat, 0))
    ORDER BY invoice_no LIMIT 1
"""
_NUMBERS: Final = """
    WITH given AS (
        SELECT business_id, series, number FROM invoice WHERE series IS NOT NULL
        UNION ALL SELECT business_id, series, number FROM credit_note
    ), counted AS (
        SELECT business_id, series, count(*) AS count, min(number) AS first, max(number) AS last
        FROM given GROUP BY business_id, series
    )
    SELECT 'series ' || name || ' has given out ' || series.last || ' numbers, there are ' || COALESCE(count, 0)
           || ' documents up to number ' || COALESCE(counted.last, 0)
    FROM number_series AS series
    FULL JOIN counted ON counted.business_id = series.business_id AND counted.series = series.name
    WHERE (count, counted.last, first) IS DISTINCT FROM (series.last, series.last, 1::bigint) AND
          (series.last > 0 OR count > 0)
    LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Step:
    """How far the proof has come: what was looked at, `done` of `total` of it, and the first bad thing, if any."""

    what: str
    done: int
    total: int
    bad: str | None = None


_WHOLE: Final = {
    "wallets": _WALLETS,
    "what is owed": _OWED,
    "opening balances": _OPENED,
    "invoice lines": _LINES,
    "numbers of documents": _NUMBERS,
}


def verify(session: Session) -> Iterator[Step]:
    """Yield a step for each part of the book, up to the first with something bad in it.

    The session must see the book as it was at one instant.
    """
    session.execute(text("SET LOCAL statement_timeout = 0"))
    for step in chain(_entries(session), _checks(session)):
        yield step
        if step.bad:
            return


def _entries(session: Session) -> Iterator[Step]:
    total, done, after = session.scalar(_COUNT) or 0, 0, _FIRST
    while done < total:
        after, number, bad = session.execute(_PART, {"after": after, "at_once": _AT_ONCE}).one()
        done += number
        yield Step("entries", done, total, bad)


def _checks(session: Session) -> Iterator[Step]:
    for done, (what, statement) in enumerate(_WHOLE.items(), start=1):
        yield Step(what, done, len(_WHOLE), session.scalar(text(statement)))
