"""Every mail as it came, in SQLite: with a folder they outlive the program."""

import sqlite3
import threading
import time
from dataclasses import dataclass
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS mail (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at REAL NOT NULL,
  sender TEXT NOT NULL,
  recipients TEXT NOT NULL,
  raw BLOB NOT NULL
)
"""


@dataclass(frozen=True, slots=True)
class Mail:
    """`sender` and `recipients` are the envelope's, which may differ from what the mail says of itself."""

    id: int
    at: float
    sender: str
    recipients: tuple[str, ...]
    raw: bytes


class Books:
    def __init__(self, directory: Path | None) -> None:
        if directory is not None:
            directory.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(directory / "mails.sqlite" if directory else ":memory:", check_same_thread=False)
        self._db.execute(_SCHEMA)

    def keep(self, sender: str, recipients: list[str], raw: bytes) -> None:
        row = time.time(), sender, "\n".join(recipients), raw
        with self._lock:
            self._db.execute("INSERT INTO mail (at, sender, recipients, raw) VALUES (?, ?, ?, ?)", row)
            self._db.commit()

    def newest_first(self, most: int) -> list[Mail]:
        with self._lock:
            rows = self._db.execute("SELECT * FROM mail ORDER BY id DESC LIMIT ?", (most,)).fetchall()
        return [_mail(row) for row in rows]

    def get(self, mail_id: int) -> Mail | None:
        with self._lock:
            row = self._db.execute("SELECT * FROM mail WHERE id = ?", (mail_id,)).fetchone()
        return _mail(row) if row else None

    def clear(self) -> None:
        with self._lock:
            self._db.execute("DELETE FROM mail")
            self._db.commit()

    def close(self) -> None:
        with self._lock:
            self._db.close()


def _mail(row: tuple[int, float, str, str, bytes]) -> Mail:
    mail_id, at, sender, recipients, raw = row
    return Mail(mail_id, at, sender, tuple(recipients.splitlines()), raw)
