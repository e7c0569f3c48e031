"""Every invoice and payment, in memory and in SQLite: with a folder they outlive a killed process."""

import json
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from sandbox.moyasar.model import Invoice, Payment

_SCHEMA = "CREATE TABLE IF NOT EXISTS thing (id TEXT PRIMARY KEY, kind TEXT NOT NULL, data TEXT NOT NULL)"


class Books:
    def __init__(self, directory: Path | None) -> None:
        if directory is not None:
            directory.mkdir(parents=True, exist_ok=True)
        self.lock = threading.RLock()
        self._db = sqlite3.connect(directory / "books.sqlite" if directory else ":memory:", check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute(_SCHEMA)
        self._invoices: dict[str, Invoice] = {}
        self._payments: dict[str, Payment] = {}
        self._paid_on: defaultdict[str, dict[str, Payment]] = defaultdict(dict)  # by invoice
        self._waiting: dict[str, Invoice | Payment] = {}  # all that is initiated
        self._seq = 0
        self._load()

    def save(self, thing: Invoice | Payment) -> None:
        """Write it down; with a folder it is on disk when this returns."""
        with self.lock:
            if not thing.seq:
                self._seq += 1
                thing.seq = self._seq
            self._know(thing)
            row = thing.id, type(thing).__name__, json.dumps(asdict(thing), ensure_ascii=False)
            self._db.execute("INSERT OR REPLACE INTO thing VALUES (?, ?, ?)", row)
            self._db.commit()

    def invoice(self, invoice_id: str | None) -> Invoice | None:
        return self._invoices.get(invoice_id or "")

    def payment(self, payment_id: str) -> Payment | None:
        return self._payments.get(payment_id)

    def invoices(self) -> list[Invoice]:
        """Newest first."""
        with self.lock:
            return list(reversed(self._invoices.values()))

    def payments(self) -> list[Payment]:
        """Newest first."""
        with self.lock:
            return list(reversed(self._payments.values()))

    def payments_of(self, invoice_id: str) -> list[Payment]:
        """Newest first."""
        with self.lock:
            return list(reversed(self._paid_on[invoice_id].values())) if invoice_id in self._paid_on else []

    def waiting_invoices(self) -> list[Invoice]:
        with self.lock:
            return [one for one in self._waiting.values() if isinstance(one, Invoice)]

    def waiting_bills(self) -> list[Payment]:
        with self.lock:
            return [one for one in self._waiting.values() if isinstance(one, Payment) and one.is_bill]

    def bill(self, biller_code: str, number: str) -> Payment | None:
        """The payment behind a SADAD bill."""
        for payment in self.payments():
            source = payment.source
            if payment.is_bill and (source["biller_code"], source["sadad_number"]) == (biller_code, number):
                return payment
        return None

    def clear(self) -> None:
        with self.lock:
            self._invoices.clear()
            self._payments.clear()
            self._paid_on.clear()
            self._waiting.clear()
            self._db.execute("DELETE FROM thing")
            self._db.commit()

    def close(self) -> None:
        with self.lock:
            self._db.close()

    def _know(self, thing: Invoice | Payment) -> None:
        if isinstance(thing, Invoice):
            self._invoices[thing.id] = thing
        else:
            self._payments[thing.id] = thing
            if thing.invoice_id:
                self._paid_on[thing.invoice_id][thing.id] = thing
        if thing.status == "initiated":
            self._waiting[thing.id] = thing
        else:
            self._waiting.pop(thing.id, None)

    def _load(self) -> None:
        things = sorted(self._rows(), key=lambda thing: thing.seq)
        for thing in things:
            self._know(thing)
        self._seq = things[-1].seq if things else 0

    def _rows(self) -> Iterator[Invoice | Payment]:
        for kind, data in self._db.execute("SELECT kind, data FROM thing"):
            yield (Invoice if kind == "Invoice" else Payment)(**json.loads(data))
