"""From the staging tables into the tables: what is new is added, what differs is updated, the rest is not touched."""

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from bot.importer.files import INVOICES, METERS, PLANS, READINGS, SENDERS, SUBSCRIPTIONS, TARIFFS, File
from bot.importer.staging import staged
from bot.importer.subscriptions import merge_subscriptions
from domain.clock import now, today

# What domain.invoices.status_of says, for all rows at once.
_STATUS: Final = """
CASE WHEN staged.paid >= staged.total THEN 'paid' WHEN staged.paid > 0 THEN 'part_paid' ELSE 'issued' END
"""
_PAID: Final = """CASE invoice.status WHEN 'cancelled' THEN invoice.paid_minor
            ELSE GREATEST(invoice.paid_minor, excluded.paid_minor) END"""
# Columns of which the database wants all or none: where a file has one of them, it speaks for the others too.
_TOGETHER: Final = {
    SENDERS.name: ("account_sid_var", "auth_token_var"),
}


# A meter that was in use, and is no more, is billed until today; one that is in use again, as if nothing had been.
_CLOSED: Final = f"""
UPDATE meter SET closed_on = CASE WHEN NOT staged.active THEN CAST(:today AS date) END
FROM {staged(METERS)} AS staged
WHERE meter.business_id = :business_id AND meter.meter_no = staged.meter_no AND meter.active <> staged.active
"""  # noqa: S608  names of our own
_ZONE: Final = "SELECT timezone FROM business WHERE id = :business_id"

# What a row of a file is given once, and keeps.
_ONLY_AT_FIRST: Final = ("origin", "state")
_POINTED_AT: Final = {"account_no": "customer", "meter_no": "meter"}


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of the rows of a file."""

    new: int
    changed: int


def merge(session: Session, file: File, header: list[str], business_id: UUID, currency: str) -> Merged:
    """Take the staged rows of `file` into its table. Columns that the file leaves out keep what they hold."""
    if file is SUBSCRIPTIONS:
        return Merged(*merge_subscriptions(session, header, business_id))
    values = {"business_id": business_id, "now": now(), "currency": currency}
    if file is METERS and "active" in header:
        session.execute(text(_CLOSED), {"business_id": business_id, "today": _today(session, business_id)})
    merged = Merged(*session.execute(text(_statement(file, header)), values).one())
    if file.whole:
        session.execute(text(_removal(file)))
    return merged


def _today(session: Session, business_id: UUID) -> date:
    return today(session.execute(text(_ZONE), {"business_id": business_id}).scalar_one())


def _statement(file: File, header: list[str]) -> str:
    """Return the one statement that adds and updates, and counts what it did."""
    sources = _sources(file)
    joins = "".join(f" JOIN {other} ON {other}.{name} = staged.{name}" for name, other in _named(file))
    names = [f"{other}_id" if (other := dict(_named(file)).get(name)) else name for name in file.key]
    key = ", ".join(names if file is SENDERS else ("business_id", *names))
    kept = {*names, *_kept(file, header)}
    return f"""
        WITH merged AS (
            INSERT INTO {file.table} (id, created_at, business_id, {", ".join(sources)})
            SELECT staged.id, :now, :business_id, {", ".join(sources.values())}
            FROM {staged(file)} AS staged{joins}
            ON CONFLICT ({key}) {_update(file.table, [target for target in sources if target not in kept])}
            RETURNING xmax = 0 AS is_new
        )
        SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM merged
        """  # noqa: S608  names of our own


def _named(file: File) -> list[tuple[str, str]]:
    """Return the columns that name a row of another table, which ours then points at, and that table."""
    return [(name, table) for name, table in _POINTED_AT.items() if name in file.refers]


def _removal(file: File) -> str:
    """Return the statement that takes away what a file leaves out that speaks for all there is."""
    key = ", ".join(file.key)
    return f"DELETE FROM {file.table} WHERE ({key}) NOT IN (SELECT {key} FROM {staged(file)})"  # noqa: S608


def _update(table: str, columns: list[str]) -> str:
    if not columns:
        return "DO NOTHING"
    wanted = {name: f"excluded.{name}" for name in columns}
    if table == INVOICES.table and "status" in wanted:
        # What was paid here since the file was written stays paid. The file knows nothing of a cancellation either.
        wanted["paid_minor"] = _PAID
        wanted["status"] = f"""CASE WHEN invoice.status = 'cancelled' THEN 'cancelled'
            WHEN {_PAID} >= excluded.total_minor THEN 'paid' WHEN {_PAID} > 0 THEN 'part_paid' ELSE 'issued' END"""
    return f"""DO UPDATE SET {", ".join(f"{name} = {value}" for name, value in wanted.items())}
            WHERE ({", ".join(f"{table}.{name}" for name in wanted)})
                IS DISTINCT FROM ({", ".join(wanted.values())})"""


def _sources(file: File) -> dict[str, str]:
    """Return for each column of the table where its value comes from."""
    sources = {column.target: f"staged.{column.name}" for column in file.columns if column.name not in file.refers}
    sources |= {f"{other}_id": f"{other}.id" for _, other in _named(file)}
    if file is INVOICES:
        sources["status"] = _STATUS
    if any(file is one for one in (INVOICES, PLANS, TARIFFS)):
        sources["currency"] = "CAST(:currency AS text)"
    if file is SENDERS:
        sources["enabled"] = "true"
    if file is READINGS:
        sources |= {"origin": "'file'", "state": "'accepted'"}
    return sources


def _kept(file: File, header: list[str]) -> set[str]:
    """Return the columns of a known row that are not updated: those that the file says nothing of."""
    kept = {column.target for column in file.columns if column.name not in header} | {
        "currency",
        "enabled",
        *_ONLY_AT_FIRST,
    }
    together = _TOGETHER.get(file.name, ())
    if any(name in header for name in together):
        kept -= set(together)
    if file is INVOICES and "paid" not in header:
        kept.add("status")
    return kept
