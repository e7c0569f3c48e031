"""Reads a CSV file, a row at a time, and says of each what is wrong with it."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import Any

from bot.importer.fields import FieldError, Locality
from bot.importer.files import Column, File


class FileError(ValueError):
    """A file can't be read at all. The message names it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row: the line it begins at, its values, and what is wrong with it."""

    line: int
    values: dict[str, Any]
    complaints: list[str]


def header_of(path: Path, file: File) -> list[str]:
    """Return the columns that the file has. Raises FileError when they aren't those of `file`."""
    with _opened(path) as text:
        header = [name.strip() for name in next(_records(text, path), (0, []))[1]]
    known = [column.name for column in file.columns]
    for name in header:
        if name not in known:
            raise FileError(f"{path.name}:1: there is no column {name!r}; there are {', '.join(known)}")
    if len(set(header)) < len(header):
        raise FileError(f"{path.name}:1: a column stands there twice")
    for column in file.columns:
        if (column.needed or column.name in file.key) and column.name not in header:
            raise FileError(f"{path.name}:1: the column {column.name} is missing")
    return header


def rows_of(path: Path, file: File, header: list[str], locality: Locality) -> Iterator[Row]:
    """Yield the rows of the file, good and bad. Raises FileError where it can't be read on."""
    columns = {column.name: column for column in file.columns}
    with _opened(path) as text:
        records = _records(text, path)
        next(records)
        for line, record in records:
            if record:
                yield _row(line, record, [columns[name] for name in header], file, locality)


def _opened(path: Path) -> TextIOWrapper:
    try:
        return path.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise FileError(f"{path.name}: {error.strerror}") from None


def _records(text: TextIOWrapper, path: Path) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(text, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except UnicodeDecodeError:
            raise FileError(f"{path.name}:{line}: from here on it is not UTF-8") from None
        except csv.Error as error:
            raise FileError(f"{path.name}:{line}: {error}") from None


def _row(line: int, record: list[str], columns: list[Column], file: File, locality: Locality) -> Row:
    if len(record) != len(columns):
        return Row(line, {}, [f"there are {len(record)} fields, not {len(columns)}"])
    values, complaints = {}, []
    for column, written in zip(columns, record, strict=True):
        try:
            values[column.name] = _value(column, written.strip(), locality)
        except FieldError as error:
            complaints.append(f"{column.name}: {written.strip()[:60]!r} {error}" if written.strip() else str(error))
    values |= {column.name: column.default for column in file.columns if column.name not in values and not complaints}
    return Row(line, values, complaints or list(file.rules(values)))


def _value(column: Column, written: str, locality: Locality) -> Any:
    if not written:
        if column.needed:
            raise FieldError(f"{column.name} is empty")
        return column.default
    if "\0" in written:
        raise FieldError("holds a zero character")
    return column.read(written, locality)
