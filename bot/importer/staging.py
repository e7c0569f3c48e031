"""The rows of a folder, staged in temporary tables and checked there, all together."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from psycopg import sql
from sqlalchemy import text
from sqlalchemy.orm import Session

from bot.importer.files import CUSTOMERS, FILES, SENDERS, File
from bot.importer.reading import Row
from domain.ids import new_id

_MOST_KEPT = 1000


@dataclass(slots=True)
class Problems:
    """What is wrong, as `file:line: what`. Only so many are kept; all are counted."""

    lines: list[str] = field(default_factory=list)
    number: int = 0

    def add(self, file: File, line: int, what: str) -> None:
        """Add one."""
        self.number += 1
        if len(self.lines) < _MOST_KEPT:
            self.lines.append(f"{file.name}:{line}: {what}")


def stage(session: Session, file: File, rows: Iterator[Row], problems: Problems) -> int:
    """Stream `rows` into the staging table of `file`, the keys of bad ones too. Returns how many there were."""
    columns = ", ".join(f"{column.name} {column.type}" for column in file.columns)
    session.execute(text(f"CREATE TEMP TABLE {staged(file)} (id uuid, line int, {columns}) ON COMMIT DROP"))
    names = sql.SQL(", ").join(sql.Identifier(column.name) for column in file.columns)
    command = sql.SQL("COPY {} (id, line, {}) FROM STDIN").format(sql.Identifier(staged(file)), names)
    number = 0
    cursor = session.connection().connection.cursor()
    with cursor.copy(command) as copy:
        for row in rows:
            number += 1
            for complaint in row.complaints:
                problems.add(file, row.line, complaint)
            copy.write_row((new_id(), row.line, *(row.values.get(column.name) for column in file.columns)))
    session.execute(text(f"ANALYZE {staged(file)}"))
    return number


def staged(file: File) -> str:
    """Return the name of the staging table of `file`."""
    return f"staged_{file.table}"


def check(session: Session, present: dict[str, list[str]], problems: Problems) -> None:
    """Check what no single row can tell: keys that stand twice, references, and what may not change any more.

    `present` has the header of each file that is in the folder.
    """
    for file in FILES:
        if file.name in present:
            _check_keys(session, file, problems)
            _check_references(session, file, present, problems)
            _check_posted(session, file, present[file.name], problems)


def check_senders_are_free(session: Session, problems: Problems, business_id: object) -> None:
    """Check that no sender belongs to another business. The session must see all of them."""
    for line, address in session.execute(
        text(
            f"""
            SELECT line, staged.address FROM {staged(SENDERS)} AS staged
            JOIN sender ON sender.channel = staged.channel AND sender.address = staged.address
            WHERE sender.business_id <> :business_id
            """  # noqa: S608  names of our own
        ),
        {"business_id": business_id},
    ):
        problems.add(SENDERS, line, f"address {address} belongs to another business")


def _check_keys(session: Session, file: File, problems: Problems) -> None:
    key = ", ".join(file.key)
    statement = f"""
        SELECT line, first, key FROM (
            SELECT line, min(line) OVER (PARTITION BY {key}) AS first, concat_ws(' ', {key}) AS key
            FROM {staged(file)} WHERE ({key}) IS NOT NULL) AS numbered
        WHERE line > first ORDER BY line
        """  # noqa: S608  names of our own
    for line, first, value in session.execute(text(statement)):
        problems.add(file, line, f"{' and '.join(file.key)} {value} stands in line {first} already")


def _check_references(session: Session, file: File, present: dict[str, list[str]], problems: Problems) -> None:
    for column, name in file.refers.items():
        other = next(one for one in FILES if one.name == name)
        key = other.key[0]
        also = f"AND NOT EXISTS (SELECT FROM {staged(other)} AS other WHERE other.{key} = staged.{column})"
        statement = f"""
            SELECT line, {column} FROM {staged(file)} AS staged
            WHERE {column} IS NOT NULL AND NOT EXISTS (SELECT FROM {other.table} WHERE {key} = staged.{column})
            {also if name in present else ""} ORDER BY line
            """  # noqa: S608  names of our own
        for line, value in session.execute(text(statement)):
            problems.add(file, line, f"{column} {value}: there is no such {other.table}")


def _check_posted(session: Session, file: File, header: list[str], problems: Problems) -> None:
    for column in file.columns:
        if not column.posted or column.name not in header:
            continue
        is_reference = column.name in file.refers
        join = f"JOIN {CUSTOMERS.table} ON customer.id = known.customer_id" if is_reference else ""
        before = "customer.account_no" if is_reference else f"known.{column.target}"
        statement = f"""
            SELECT line, staged.{file.key[0]} FROM {staged(file)} AS staged
            JOIN {file.table} AS known ON known.{file.key[0]} = staged.{file.key[0]} {join}
            WHERE staged.{column.name} IS DISTINCT FROM {before} ORDER BY line
            """  # noqa: S608  names of our own
        for line, key in session.execute(text(statement)):
            problems.add(file, line, f"{column.name} of {file.table} {key} is posted and can't change")
