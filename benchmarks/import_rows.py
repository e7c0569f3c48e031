"""`python -m benchmarks.import_rows [ROWS]`: how fast a folder is taken in, and in how much memory.

Writes a folder of ROWS customers, meters and invoices each, imports it three times into a fresh database (all new,
nothing changed, every tenth customer changed), each in a process of its own, and prints rows a second and the peak
of the process's memory.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.world import world

_IMPORT = """
import json, resource, sys
from pathlib import Path
from time import monotonic
from bot.importer import import_folder
from domain.door import Door, service_engine
import os

start = monotonic()
report = import_folder(Door(service_engine(os.environ["DATABASE_URL"])), Path(sys.argv[1]))
counts = {name: [part.new, part.changed, part.unchanged] for name, part in report.files.items()}
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps({"seconds": monotonic() - start, "peak": peak, "counts": counts}))
"""


def main() -> None:
    """Measure, and print a line for each import."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    print(f"{'import':32} {'rows':>10} {'seconds':>8} {'rows/s':>8} {'peak MiB':>8}")
    with TemporaryDirectory() as name, world() as servers:
        for what, files in _imports(Path(name), rows):
            seen = _imported(Path(name), servers.environment)
            seconds, number = seen["seconds"], rows * files
            print(f"{what:32} {number:>10,} {seconds:>8.1f} {number / seconds:>8,.0f} {seen['peak']:>8}", flush=True)


def _imports(folder: Path, rows: int) -> Iterator[tuple[str, int]]:
    """Yield what is imported and how many files of `rows` rows that is, with the folder made ready for it."""
    (folder / "business.csv").write_text("code,name_en,name_ar\nNOOR,Noor,النور\n", encoding="utf-8")
    write_customers(folder, rows)
    yield "customers, all new", 1
    yield "customers, nothing changed", 1
    write_customers(folder, rows, changed_every=10)
    yield "customers, every tenth changed", 1
    (folder / "customers.csv").unlink()
    write_meters(folder, rows)
    write_invoices(folder, rows)
    yield "meters and invoices, all new", 2


def write_customers(folder: Path, rows: int, changed_every: int = 0) -> None:
    """Write customers.csv; with `changed_every` every such customer has another name and phone."""
    with (folder / "customers.csv").open("w", encoding="utf-8") as file:
        file.write("account_no,name,name_ar,language,phone,email,address,opening_balance,marketing_consent,tags\n")
        for number in range(rows):
            changed = changed_every and number % changed_every == 0
            phone = f"+966{'51' if changed else '50'}{number:07}"
            file.write(
                f"A{number},Customer {number}{'!' if changed else ''},عميل {number},ar,{phone},c{number}@example.com,"
                f'"Street {number}, Riyadh",{number % 500}.50,{"yes" if number % 3 else "no"},villa;riyadh\n'
            )


def write_meters(folder: Path, rows: int) -> None:
    """Write meters.csv, one of each customer."""
    with (folder / "meters.csv").open("w", encoding="utf-8") as file:
        file.write("meter_no,account_no,nickname,kind,network\n")
        file.writelines(f"M{number},A{number},البيت,postpaid,acrel\n" for number in range(rows))


def write_invoices(folder: Path, rows: int) -> None:
    """Write invoices.csv, one of each customer."""
    with (folder / "invoices.csv").open("w", encoding="utf-8") as file:
        file.write("invoice_no,account_no,issue_date,due_date,net,vat,total,paid\n")
        file.writelines(f"I{n},A{n},2026-11-01,2026-11-30,100.00,15.00,115.00,0\n" for n in range(rows))


def _imported(folder: Path, environment: dict[str, str]) -> dict[str, Any]:
    command = [sys.executable, "-c", _IMPORT, str(folder)]
    ended = subprocess.run(command, env={**os.environ, **environment}, check=True, stdout=subprocess.PIPE)
    seen: dict[str, Any] = json.loads(ended.stdout)
    return seen


if __name__ == "__main__":
    main()
