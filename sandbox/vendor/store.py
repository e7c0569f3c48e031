"""Books on disk, the vendor's and the network's: documents by kind and name, in SQLite."""

import json
import sqlite3
import threading
from pathlib import Path
from typing import Any

_TABLE = (
    "CREATE TABLE IF NOT EXISTS document (kind TEXT, name TEXT, data TEXT NOT NULL, PRIMARY KEY (kind, name)) STRICT"
)


class Store:
    """Each `put` is a commit that goes to the operating system: it outlives a killed process."""

    def __init__(self, directory: Path | None, name: str = "vendor.sqlite") -> None:
        if directory is not None:
            directory.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(directory / name if directory else ":memory:", check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute(_TABLE)
        self._lock = threading.Lock()

    def put(self, *documents: tuple[str, str, dict[str, Any]]) -> None:
        """Keep documents, each by kind and name: all of them or none."""
        with self._lock, self._db:
            self._db.executemany(
                "INSERT INTO document VALUES (?, ?, ?) ON CONFLICT (kind, name) DO UPDATE SET data = excluded.data",
                [(kind, name, json.dumps(data)) for kind, name, data in documents],
            )

    def all(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return all documents of a kind, in the order in which they came."""
        with self._lock:
            rows = self._db.execute("SELECT name, data FROM document WHERE kind = ? ORDER BY rowid", (kind,)).fetchall()
        return {name: json.loads(data) for name, data in rows}

    def clear(self) -> None:
        """Forget everything."""
        with self._lock, self._db:
            self._db.execute("DELETE FROM document")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()
