"""The rows of a folder, staged in temporary tables and checked there, all together."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy import text
from sqlalchemy.orm import Session

from bot.importer.files import BUSINESS, CUSTOMERS, FILES, METERS, SENDERS, Column, File
from bot.importer.reading import FileError, Row
from domain.ids import new_id

_MOST_KEPT: Final = 1000
_ORDER: Final = {file.name: place for place, file in enumerate((BUSINESS, *FILES))}


@dataclass(slots=True)
class Problems:
    """What is wrong, as `file:line: what`. Only so many are kept; all are counted.

    `broken` are the files whose rows are not all known, so that nobody is blamed for naming one of them.
    """

    kept: list[tuple[int, int, str]] = field(default_factory=list)
    number: int = 0
    broken: set[str] = field(default_factory=set)

    def add(self, file: File, line: int, what: str) -> None:
        """Add one; `line` 0 is about the whole file."""
        self.number += 1
        if len(self.kept) < _MOST_KEPT:
            place = f"{file.name}:{line}" if line else file.name
            self.kept.append((_ORDER[file.name], line, f"{place}: {what}"))

    def add_broken(self, file: File, error: FileError) -> None:
        """Add that a file can't be read, or not to its end."""
        self.add(file, error.line, str(error))
        self.broken.add(file.name)

    @property
    def lines(self) -> list[str]:
        """The kept ones, by file and line."""
        return [what for _, _, what in sorted(self.kept, key=lambda one: one[:2])]


def stage(session: Session, file: File, rows: Iterable[Row], problems: Problems) -> int:
    """Stream `rows` into the staging table of `file`, the keys of bad ones too. Returns how many there were."""
    columns = ", ".join(f"{column.name} {column.type}" for column in file.columns)
    session.execute(text(f"CREATE TEMP TABLE {staged(file)} (id uuid, line int, {columns}) ON COMMIT DROP"))
    names = [column.name for column in file.columns]
    command = sql.SQL("COPY {} (id, line, {}) FROM STDIN").format(
        sql.Identifier(staged(file)), sql.SQL(", ").join(map(sql.Identifier, names))
    )
    number = 0
    with session.connection().connection.cursor().copy(command) as copy:
        for row in _readable(file, rows, problems):
            number += 1
            for complaint in row.complaints:
                problems.add(file, row.line, complaint)
            copy.write_row(
                (new_id(), row.line, *(_stored(column, row.values.get(column.name)) for column in file.columns))
            )
    session.execute(text(f"ANALYZE {staged(file)}"))
    return number


def _stored(column: Column, value: Any) -> Any:
    return Jsonb(value) if column.type == "jsonb" and value is not None else value


def _readable(file: File, rows: Iterable[Row], problems: Problems) -> Iterator[Row]:
    """Yield the rows as far as the file can be read."""
    try:
        yield from rows
    except FileError as error:
        problems.add_broken(file, error)


def staged(file: File) -> str:
    """Return the name of the staging table of `file`."""
    return f"staged_{file.table}"


def check_keys(session: Session, present: dict[str, list[str]], problems: Problems) -> None:
    """Check that no key stands twice in a file. `present` has the header of each file that is in the folder."""
    for file in FILES:
        if file.name in present:
            _check_keys(session, file, problems)


def check(session: Session, present: dict[str, list[str]], problems: Problems) -> None:
    """Check what only the database knows: what is referred to, and what may not change any more."""
    for file in FILES:
        if file.name in present:
            _check_references(session, file, present, problems)
            _check_posted(session, file, present[file.name], problems)


def check_senders_are_free(session: Session, problems: Problems, business_id: object) -> None:
    """Check that no sender belongs to another business. The session must see all of them."""
    statement = f"""
        SELECT line, staged.address FROM {staged(SENDERS)} AS staged
        JOIN sender ON sender.channel = staged.channel AND sender.address = staged.address
        WHERE sender.business_id <> :business_id
        """  # noqa: S608  names of our own
    for line, address in _found(session, statement, problems, {"business_id": business_id}):
        problems.add(SENDERS, line, f"address {address} belongs to another business")


def _check_keys(session: Session, file: File, problems: Problems) -> None:
    key = ", ".join(file.key)
    apart, known = (f"PARTITION BY {key}", f"WHERE ({key}) IS NOT NULL") if key else ("", "")
    statement = f"""
        SELECT line, first, key FROM (
            SELECT line, min(line) OVER ({apart}) AS first, concat_ws(' ', {key or "NULL"}) AS key
            FROM {staged(file)} {known}) AS numbered
        WHERE line > first
        """  # noqa: S608  names of our own
    for line, first, value in _found(session, statement, problems):
        what = f"{' and '.join(file.key)} {value} stands in line {first} already" if key else "there is one row only"
        problems.add(file, line, what)


def _check_references(session: Session, file: File, present: dict[str, list[str]], problems: Problems) -> None:
    for column, name in file.refers.items():
        if name in problems.broken:
            continue
        other = next(one for one in FILES if one.name == name)
        key = other.key[0]
        also = f"AND NOT EXISTS (SELECT FROM {staged(other)} AS other WHERE other.{key} = staged.{column})"
        statement = f"""
            SELECT line, {column} FROM {staged(file)} AS staged
            WHERE {column} IS NOT NULL AND NOT EXISTS (SELECT FROM {other.table} WHERE {key} = staged.{column})
            {also if name in present else ""}
            """  # noqa: S608  names of our own
        for line, value in _found(session, statement, problems):
            problems.add(file, line, f"{column} {value}: there is no such {other.table}")


def _check_posted(session: Session, file: File, header: list[str], problems: Problems) -> None:
    for column in file.columns:
        if not column.posted or column.name not in header:
            continue
        is_reference = column.name in file.refers
        join = f"JOIN {CUSTOMERS.table} ON customer.id = known.customer_id" if is_reference else ""
        before = "customer.account_no" if is_reference else f"known.{column.target}"
        by_meter = (
            f"JOIN {METERS.table} ON {METERS.table}.meter_no = staged.meter_no" if "meter_no" in file.refers else ""
        )
        key = {"meter_no": "known.meter_id = meter.id"} if by_meter else {}
        same = " AND ".join(key.get(name, f"known.{name} = staged.{name}") for name in file.key)
        statement = f"""
            SELECT line, staged.{file.key[0]} FROM {staged(file)} AS staged {by_meter}
            JOIN {file.table} AS known ON {same} {join}
            WHERE staged.{column.name} <> {before} AND {file.posted_once}
            """  # noqa: S608  names of our own
        for line, which in _found(session, statement, problems):
            problems.add(file, line, f"{column.name} of {file.table} {which} is posted and can't change")


def _found(
    session: Session, statement: str, problems: Problems, values: dict[str, Any] | None = None
) -> Iterator[tuple[Any, ...]]:
    """Yield the first rows that `statement` finds, by line, and count all others among the problems."""
    limited = f"SELECT count(*) OVER (), found.* FROM ({statement}) AS found ORDER BY line LIMIT {_MOST_KEPT}"  # noqa: S608
    rows = session.execute(text(limited), values or {}).all()
    problems.number += rows[0][0] - len(rows) if rows else 0
    yield from (tuple(row[1:]) for row in rows)
