"""A folder: found out whose it is, staged, checked, and taken in, in one transaction."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bot.importer.fields import Locality
from bot.importer.files import BUSINESS, FILES, LATER, SENDERS
from bot.importer.merging import Merged, merge
from bot.importer.reading import FileError, Row, header_of, rows_of
from bot.importer.staging import Problems, check, check_senders_are_free, stage
from domain.businesses import Business
from domain.door import Door, enter

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
    if not folder.is_dir():
        raise ImportRefused([f"{folder}: there is no such folder"])
    try:
        with door.for_every_business() as session:
            report = _take_in(session, folder, progress)
            if dry_run:
                session.rollback()
            return report
    except FileError as error:
        raise ImportRefused([str(error)]) from None


def _take_in(session: Session, folder: Path, progress: Progress) -> ImportReport:
    problems = Problems()
    headers, complaints = _headers(folder)
    business, counts = _business(session, folder, headers)
    locality = Locality(business.currency, business.country)
    numbers = {}
    for file in FILES:
        if file.name in headers:
            rows = progress(file.name, rows_of(folder / file.name, file, headers[file.name], locality))
            numbers[file.name] = stage(session, file, iter(rows), problems)
    if SENDERS.name in headers:
        check_senders_are_free(session, problems, business.id)
    enter(session, business.id)
    check(session, headers, problems)
    if problems.number or complaints:
        raise ImportRefused(complaints + problems.lines, problems.number + len(complaints))
    merged = dict(_merged(session, headers, business))
    files = {
        name: Counts(done.new, done.changed, numbers[name] - done.new - done.changed) for name, done in merged.items()
    }
    return ImportReport(business.code, counts | files, _warnings(folder))


def _headers(folder: Path) -> tuple[dict[str, list[str]], list[str]]:
    """Return the header of each file that is there, and the complaints about those that are wrong."""
    headers, complaints = {}, []
    for file in (BUSINESS, *FILES):
        if (folder / file.name).exists():
            try:
                headers[file.name] = header_of(folder / file.name, file)
            except FileError as error:
                complaints.append(str(error))
    if complaints:
        raise ImportRefused(complaints)
    return headers, complaints


def _merged(session: Session, headers: dict[str, list[str]], business: Business) -> Iterator[tuple[str, Merged]]:
    for file in FILES:
        if file.name in headers:
            yield file.name, merge(session, file, headers[file.name], business.id, business.currency)


def _business(session: Session, folder: Path, headers: dict[str, list[str]]) -> tuple[Business, dict[str, Counts]]:
    """Return the business that the folder is of, locked against a second import, and what became of its row."""
    if BUSINESS.name not in headers:
        return _only_business(session), {}
    row = _business_row(folder, headers[BUSINESS.name])
    _lock(session, row["code"])
    known = session.scalars(select(Business).where(Business.code == row["code"])).one_or_none()
    if known is None:
        business = Business(**row)
        session.add(business)
        session.flush()
        return business, {BUSINESS.name: Counts(1, 0, 0)}
    if row["currency"] != known.currency and "currency" in headers[BUSINESS.name]:
        raise ImportRefused([f"{BUSINESS.name}:2: currency: amounts are posted in {known.currency} already"])
    for name in headers[BUSINESS.name]:
        setattr(known, name, row[name])
    changed = session.is_modified(known)
    session.flush()
    return known, {BUSINESS.name: Counts(0, int(changed), int(not changed))}


def _business_row(folder: Path, header: list[str]) -> dict[str, object]:
    rows = list(rows_of(folder / BUSINESS.name, BUSINESS, header, Locality("SAR", "SA")))
    complaints = [f"{BUSINESS.name}:{row.line}: {complaint}" for row in rows for complaint in row.complaints]
    if len(rows) != 1:
        complaints.append(f"{BUSINESS.name}: there are {len(rows)} businesses; a folder is of one")
    if complaints:
        raise ImportRefused(complaints)
    return rows[0].values


def _only_business(session: Session) -> Business:
    known = session.scalars(select(Business)).all()
    if len(known) != 1:
        raise ImportRefused(
            [f"{BUSINESS.name} is missing, and it can't be told whose the folder is: there are {len(known)} businesses"]
        )
    _lock(session, known[0].code)
    return known[0]


def _lock(session: Session, code: object) -> None:
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('raseed import ' || :code))"), {"code": code})


def _warnings(folder: Path) -> list[str]:
    known = {file.name for file in (BUSINESS, *FILES)}
    warnings = []
    for path in sorted(folder.glob("*.csv")):
        if path.name in LATER:
            warnings.append(f"{path.name}: not imported by this version yet")
        elif path.name not in known:
            warnings.append(f"{path.name}: left alone; no such file is known")
    return warnings
