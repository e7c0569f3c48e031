"""The books on disk: SQLite, written in batches by one thread."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (sid TEXT PRIMARY KEY, seq INTEGER NOT NULL, data TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS messages_seq ON messages (seq);
CREATE TABLE IF NOT EXISTS media (sid TEXT PRIMARY KEY, message_sid TEXT NOT NULL, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS contents (sid TEXT PRIMARY KEY, data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, data TEXT NOT NULL);
"""

Write = tuple[str, tuple[object, ...]]


class Store:
    """Writes are queued; `settle` waits for those queued so far.

    A commit goes to the operating system and not through to the platter: that outlives a killed process, which
    is what the sandbox promises, and costs nearly nothing.
    """

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(directory / "books.sqlite", check_same_thread=False)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(_SCHEMA)
        self._db_lock = threading.Lock()
        self._changed = threading.Condition()
        self._pending: list[Write] = []
        self._queued = self._written = 0
        self._stopped = False
        self._thread = threading.Thread(target=self._write_on, name="books", daemon=True)
        self._thread.start()

    def messages(self) -> Iterator[str]:
        for (data,) in self._db.execute("SELECT data FROM messages ORDER BY seq"):
            yield data

    def contents(self) -> Iterator[str]:
        """Oldest first."""
        for (data,) in self._db.execute("SELECT data FROM contents ORDER BY rowid"):
            yield data

    def facts(self) -> dict[str, str]:
        return dict(self._db.execute("SELECT name, data FROM facts").fetchall())

    def media(self, sid: str) -> bytes | None:
        self.settle()
        with self._db_lock:
            row = self._db.execute("SELECT content FROM media WHERE sid = ?", (sid,)).fetchone()
        return bytes(row[0]) if row else None

    def put_message(self, sid: str, seq: int, data: str) -> None:
        self._queue("INSERT OR REPLACE INTO messages (sid, seq, data) VALUES (?, ?, ?)", sid, seq, data)

    def put_media(self, sid: str, message_sid: str, content: bytes) -> None:
        self._queue("INSERT OR REPLACE INTO media VALUES (?, ?, ?)", sid, message_sid, content)

    def put_fact(self, name: str, data: str) -> None:
        self._queue("INSERT OR REPLACE INTO facts VALUES (?, ?)", name, data)

    def put_content(self, sid: str, data: str) -> None:
        self._queue(
            "INSERT INTO contents VALUES (?, ?) ON CONFLICT (sid) DO UPDATE SET data = excluded.data", sid, data
        )

    def forget(self, sid: str) -> None:
        self._queue("DELETE FROM messages WHERE sid = ?", sid)
        self._queue("DELETE FROM media WHERE message_sid = ?", sid)

    def forget_all(self) -> None:
        """All but the contents."""
        for table in ("messages", "media", "facts"):
            self._queue(f"DELETE FROM {table}")  # noqa: S608 - the names stand one line above

    def forget_content(self, sid: str) -> None:
        self._queue("DELETE FROM contents WHERE sid = ?", sid)

    def forget_contents(self) -> None:
        self._queue("DELETE FROM contents")

    def settle(self) -> None:
        """Returns when everything queued before is committed."""
        with self._changed:
            goal = self._queued
            self._changed.wait_for(lambda: self._written >= goal or self._stopped, timeout=10)

    def close(self) -> None:
        self.settle()
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._thread.join(5)
        self._db.close()

    def _queue(self, sql: str, *values: object) -> None:
        with self._changed:
            self._pending.append((sql, values))
            self._queued += 1
            self._changed.notify_all()

    def _write_on(self) -> None:
        while batch := self._next_batch():
            with self._db_lock:
                for sql, values in batch:
                    self._db.execute(sql, values)
                self._db.commit()
            with self._changed:
                self._written += len(batch)
                self._changed.notify_all()

    def _next_batch(self) -> list[Write]:
        with self._changed:
            self._changed.wait_for(lambda: self._pending or self._stopped)
            batch, self._pending = self._pending, []
            return batch
