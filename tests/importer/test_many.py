"""Large folders: in flat memory, however long it takes, and one after the other."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from sqlalchemy import create_engine

from bot.importer import import_folder
from bot.importer.folder import Counts
from bot.importer.reading import Row
from domain.customers import Customer
from domain.door import Door, psycopg_url
from tests.importer.folders import CUSTOMER, count, written

_MEASURED = """
import os, resource, sys
from pathlib import Path
from bot.importer import import_folder
from domain.door import Door, service_engine

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

door = Door(service_engine(os.environ["DATABASE_URL"]))
import_folder(door, Path(sys.argv[1]), dry_run=True)
before = peak()
print(import_folder(door, Path(sys.argv[2])).files["customers.csv"].new, peak() - before)
"""


def _customers(rows: int) -> str:
    return "account_no,name,phone\n" + "".join(f"A{n},Customer {n},+96650{n:07}\n" for n in range(rows))


@pytest.mark.parametrize("rows", [30_000, pytest.param(300_000, marks=pytest.mark.long)])
def test_memory_stays_flat(door: Door, tmp_path: Path, environment: dict[str, str], rows: int) -> None:
    few = written(tmp_path / "few", customers=_customers(2_000))
    many = written(tmp_path / "many", customers=_customers(rows))
    command = [sys.executable, "-c", _MEASURED, str(few), str(many)]
    ended = subprocess.run(
        command, env={**os.environ, **environment}, check=True, capture_output=True, text=True, timeout=300
    )
    new, grown_mib = map(int, ended.stdout.split())
    assert new == rows == count(door, Customer)
    assert grown_mib < 6


def test_an_import_may_take_longer_than_a_turn_and_so_may_waiting_for_another(
    door: Door, database: Any, tmp_path: Path
) -> None:
    path = written(tmp_path, customers=CUSTOMER)
    hurried = "-c statement_timeout=300ms -c lock_timeout=200ms"
    engine = create_engine(psycopg_url(database.service_url), connect_args={"options": hurried})
    at_work = threading.Event()

    def slowly(_: str, rows: Iterable[Row]) -> Iterator[Row]:
        at_work.set()
        sleep(0.8)
        yield from rows

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(import_folder, Door(engine), path, progress=slowly)
        assert at_work.wait(5)
        second = import_folder(Door(engine), path)
        assert first.result().files["customers.csv"] == Counts(1, 0, 0)
    assert second.files["customers.csv"] == Counts(0, 0, 1)
    engine.dispose()
