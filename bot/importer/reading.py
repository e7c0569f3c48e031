"""Reads a CSV file, a row at a time, and says of each what is wrong with it."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from bot.importer.fields import FieldError, Locality
from bot.importer.files import Column, File

_LONGEST_LINE: Final = 100_000


class FileError(ValueError):
    """A file can't be read, or not any further than to `line` (0: not at all)."""

    def __init__(self, line: int, what: str) -> None:
        self.line = line
        super().__init__(what)


@dataclass(frozen=True, slots=True)
class Row:
    """A row: the line it begins at, its values, and what is wrong with it."""

    line: int
    values: dict[str, Any]
    complaints: list[str]


def header_of(path: Path, file: File) -> list[str]:
    """Return the columns that the file has. Raises FileError when they aren't those of `file`."""
    with _opened(path) as opened:
        header = [name.strip() for name in next(_records(opened), (0, []))[1]]
    known = [column.name for column in file.columns]
    for name in header:
        if name not in known:
            raise FileError(1, f"there is no column {name[:60]!r}; there are {', '.join(known)}")
        if header.count(name) > 1:
            raise FileError(1, f"the column {name} stands there twice")
    for column in file.columns:
        if (column.needed or column.name in file.key) and column.name not in header:
            raise FileError(1, f"the column {column.name} is missing")
    return header


def rows_of(path: Path, file: File, header: list[str], locality: Locality) -> Iterator[Row]:
    """Yield the rows of the file, good and bad. Raises FileError where it can't be read on."""
    columns = {column.name: column for column in file.columns}
    present = [columns[name] for name in header]
    absent = {column.name: column.default for column in file.columns if column.name not in header}
    with _opened(path) as opened:
        records = _records(opened)
        next(records)
        for line, record in records:
            if record:
                yield _row(line, record, present, absent, file, locality)


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise FileError(0, error.strerror or "can't be opened") from None


def _records(opened: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the line that it begins at."""
    reader = csv.reader(_lines(opened), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except UnicodeDecodeError:
            raise FileError(reader.line_num + 1, "this line is not UTF-8") from None
        except OSError as error:
            raise FileError(line, error.strerror or "can't be read") from None
        except csv.Error as error:
            raise FileError(line, _in_words(error)) from None


def _lines(opened: BinaryIO) -> Iterator[str]:
    """Yield the lines, none longer than one may be: what is no CSV file could be a single one of many gigabytes.

    They are decoded one by one, so that the one that is not UTF-8 can be named.
    """
    encoding = "utf-8-sig"
    while line := opened.readline(_LONGEST_LINE):
        if len(line) == _LONGEST_LINE:
            raise csv.Error(f"the line is longer than {_LONGEST_LINE} bytes")
        yield line.decode(encoding)
        encoding = "utf-8"


def _in_words(error: csv.Error) -> str:
    if "field larger" in str(error) or "unexpected end" in str(error):
        return 'a quote (") is opened here that is never closed'
    return str(error)


def _row(
    line: int, record: list[str], columns: list[Column], absent: dict[str, Any], file: File, locality: Locality
) -> Row:
    if len(record) != len(columns):
        return Row(line, {}, [f"there are {len(record)} fields, not {len(columns)}"])
    values, complaints = dict(absent), []
    for column, written in zip(columns, record, strict=True):
        try:
            values[column.name] = _value(column, written.strip(), locality)
        except FieldError as error:
            complaints.append(f"{column.name}{_shown(written.strip())} {error}")
    return Row(line, values, complaints or list(file.rules(values)))


def _shown(written: str) -> str:
    return f": {written[:60]!r}" if written else ""


def _value(column: Column, written: str, locality: Locality) -> Any:
    if not written:
        if column.needed:
            raise FieldError("is empty")
        return column.default
    if "\0" in written:
        raise FieldError("holds a zero character")
    return column.read(written, locality)
