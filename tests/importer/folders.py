"""What the tests of the importer have in common."""

from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from bot.importer import ImportRefused, import_folder
from domain.door import Door
from domain.tables import Base

BUSINESS = "code,name_en,name_ar\nNOOR,Noor,النور\n"
OTHER = "code,name_en,name_ar\nOTHER,Other,أخرى\n"
CUSTOMER = "account_no,name\n1,Sara\n"
INVOICES = "invoice_no,account_no,issue_date,due_date,net,vat,total,paid\n"
PLAN = "code,name_en,name_ar,days,price\nP,p,p,30,1\n"


def written(path: Path, **files: str | bytes) -> Path:
    """Write the folder of NOOR into `path`, with these files in it and no others, and return it."""
    path.mkdir(exist_ok=True)
    for old in path.iterdir():
        old.unlink()
    for name, content in {"business": BUSINESS, **files}.items():
        (path / f"{name}.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refused(door: Door, path: Path) -> list[str]:
    """Return the problems of a folder, which must leave the database as it was."""
    before = rows_with_versions(door)
    with pytest.raises(ImportRefused) as error:
        import_folder(door, path)
    assert rows_with_versions(door) == before
    return error.value.problems


def rows_with_versions(door: Door) -> dict[str, list[str]]:
    """Return every row of every table, and the transaction that wrote it."""
    tables = [table.name for table in Base.metadata.sorted_tables]
    one = "SELECT array_agg(xmin::text || ' ' || row_to_json({0})::text ORDER BY row_to_json({0})::text) FROM {0}"
    with door.for_every_business() as session:
        return {table: session.scalar(text(one.format(table))) for table in tables}


def count(door: Door, table: type[Base]) -> int:
    """Return how many rows there are of all businesses."""
    with door.for_every_business() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0
