"""A folder: found out whose it is, staged, checked, and taken in, in one transaction."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bot.importer.booking import book, note_payments
from bot.importer.fields import Locality
from bot.importer.files import BUSINESS, CUSTOMERS, FILES, INVOICES, SENDERS, SUBSCRIPTIONS
from bot.importer.merging import merge
from bot.importer.reaching import note_consents, reach_customers
from bot.importer.reading import FileError, Row, header_of, rows_of
from bot.importer.staging import Problems, check, check_keys, check_senders_are_free, stage
from bot.importer.subscriptions import ChangedMeanwhile
from domain.businesses import Business
from domain.door import Door, enter
from domain.ids import new_id

_KNOWN: Final = tuple(file.name for file in (BUSINESS, *FILES))

Progress = Callable[[str, Iterable[Row]], Iterable[Row]]


class ImportRefused(ValueError):
    """The folder can't be taken in, and nothing was. `problems` are lines; there may be more than are kept."""

    def __init__(self, problems: list[str], number: int | None = None) -> None:
        self.problems = problems
        self.number = len(problems) if number is None else number
        super().__init__(f"{self.number} problem(s); nothing was imported")


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the rows of one file."""

    new: int
    changed: int
    unchanged: int


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, by file, and what it left alone."""

    business: str
    files: dict[str, Counts]
    warnings: list[str]


def import_folder(
    door: Door, folder: Path, *, dry_run: bool = False, progress: Progress = lambda _, rows: rows
) -> ImportReport:
    """Take a folder in, whole or not at all; with `dry_run` only say what would be done.

    Raises ImportRefused with every problem of every file.
    """
    headers, problems = _headers(folder)
    warnings = _warnings(folder)
    with door.for_every_business() as session:
        # A million rows take longer than a turn may. Locks are still waited for no longer than by anybody else.
        session.execute(text("SET LOCAL statement_timeout = 0"))
        business = _business(session, folder, headers, problems)
        numbers = _stage(session, folder, headers, business, problems, progress)
        _check(session, headers, business, problems)
        if business is None or problems.number:
            raise ImportRefused(problems.lines, problems.number)
        counts = {BUSINESS.name: _merge_business(session, business)} if BUSINESS.name in headers else {}
        try:
            counts |= _merge(session, headers, business, numbers)
        except ChangedMeanwhile as error:
            raise ImportRefused([f"{SUBSCRIPTIONS.name}: {error}"]) from None
        report = ImportReport(business.code, counts, warnings)
        if dry_run:
            session.rollback()
        return report


def _headers(folder: Path) -> tuple[dict[str, list[str]], Problems]:
    """Return the header of each file that is there and can be read, and what is wrong with the others."""
    if not folder.is_dir():
        raise ImportRefused([f"{folder}: there is no such folder"])
    headers, problems = {}, Problems()
    for file in (BUSINESS, *FILES):
        if (folder / file.name).exists():
            try:
                headers[file.name] = header_of(folder / file.name, file)
            except FileError as error:
                problems.add_broken(file, error)
    if not headers and not problems.number:
        raise ImportRefused([f"{folder}: there is no file to import; there may be {', '.join(_KNOWN)}"])
    return headers, problems


def _stage(
    session: Session,
    folder: Path,
    headers: dict[str, list[str]],
    business: Business | None,
    problems: Problems,
    progress: Progress,
) -> dict[str, int]:
    """Stage every file, and return how many rows each of them has."""
    locality = Locality(business.currency, business.country) if business else Locality(None, None)
    numbers = {}
    for file in FILES:
        if file.name in headers:
            rows = progress(file.name, rows_of(folder / file.name, file, headers[file.name], locality))
            numbers[file.name] = stage(session, file, rows, problems)
    return numbers


def _check(session: Session, headers: dict[str, list[str]], business: Business | None, problems: Problems) -> None:
    """Check all files together. From here on the session sees only the one business."""
    check_keys(session, headers, problems)
    if business is not None:
        if SENDERS.name in headers:
            check_senders_are_free(session, problems, business.id)
        enter(session, business.id)
        check(session, headers, problems)


def _merge(
    session: Session, headers: dict[str, list[str]], business: Business, numbers: dict[str, int]
) -> dict[str, Counts]:
    """Take everything that is staged in, and say what became of it."""
    counts = {}
    if CUSTOMERS.name in headers:
        note_consents(session, headers[CUSTOMERS.name])
    note_payments(session, headers.get(INVOICES.name, []))
    for file in FILES:
        if file.name in headers:
            done = merge(session, file, headers[file.name], business.id, business.currency)
            counts[file.name] = Counts(done.new, done.changed, numbers[file.name] - done.new - done.changed)
    if CUSTOMERS.name in headers:
        reach_customers(session, business.id)
    book(session, headers, business.id, business.currency, business.timezone)
    return counts


def _merge_business(session: Session, business: Business) -> Counts:
    """Write the business's row, and say what became of it."""
    is_new, is_changed = business in session.new, session.is_modified(business)
    session.flush()
    return Counts(int(is_new), int(is_changed and not is_new), int(not is_changed and not is_new))


def _business(session: Session, folder: Path, headers: dict[str, list[str]], problems: Problems) -> Business | None:
    """Return the business that the folder is of, locked against a second import; None where that can't be told.

    It is as the file has it, not yet written.
    """
    if BUSINESS.name in problems.broken:
        return None
    if BUSINESS.name not in headers:
        return _only_business(session, problems)
    row = _business_row(folder, headers[BUSINESS.name], problems)
    if row is None:
        return None
    _lock(session, row["code"])
    known = session.scalars(select(Business).where(Business.code == row["code"])).one_or_none()
    if known is None:
        return _new_business(session, row)
    if "currency" in headers[BUSINESS.name] and row["currency"] != known.currency:
        problems.add(BUSINESS, 2, f"currency: amounts are posted in {known.currency} already")
        return known
    for name in headers[BUSINESS.name]:
        setattr(known, name, row[name])
    return known


def _new_business(session: Session, row: dict[str, Any]) -> Business:
    business = Business(id=new_id(), **row)
    session.add(business)
    return business


def _business_row(folder: Path, header: list[str], problems: Problems) -> dict[str, Any] | None:
    """Return the one row of business.csv, if it is good."""
    rows = []
    try:
        for row in rows_of(folder / BUSINESS.name, BUSINESS, header, Locality(None, None)):
            rows.append(row)
            for complaint in row.complaints:
                problems.add(BUSINESS, row.line, complaint)
    except FileError as error:
        problems.add_broken(BUSINESS, error)
        return None
    if len(rows) != 1:
        problems.add(BUSINESS, 0, f"there are {len(rows)} businesses; a folder is of one")
        return None
    return None if rows[0].complaints else rows[0].values


def _only_business(session: Session, problems: Problems) -> Business | None:
    known = session.scalars(select(Business)).all()
    if len(known) != 1:
        there = f"there are {len(known)} businesses"
        problems.add(BUSINESS, 0, f"it is missing, and it can't be told whose the folder is: {there}")
        return None
    _lock(session, known[0].code)
    session.refresh(known[0])
    return known[0]


def _lock(session: Session, code: object) -> None:
    """Wait for another import of the same business to end, however long it takes."""
    session.execute(text("SET LOCAL lock_timeout = 0"))
    session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended('raseed import ' || :code, 0))"), {"code": code}
    )
    session.execute(text("SET LOCAL lock_timeout TO DEFAULT"))


def _warnings(folder: Path) -> list[str]:
    """Return a line for each CSV file that is left alone."""
    names = sorted(path.name for path in folder.glob("*.csv"))
    return [f"{name}: left alone; no such file is known" for name in names if name not in _KNOWN]
