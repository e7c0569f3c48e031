"""Everything that the sandbox knows of messages: the one place that changes them."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from sandbox.twilio import records
from sandbox.twilio.clock import Clock
from sandbox.twilio.model import FINAL, RANK, Media, Message
from sandbox.twilio.store import Store

Pair = tuple[str, str]  # the company's address and the person's, both on the wire
Listener = Callable[[Message], None]


class Books:
    def __init__(self, clock: Clock, directory: Path | None, keep: Callable[[], int]) -> None:
        self._clock = clock
        self._keep = keep
        self.lock = threading.RLock()
        self._messages: dict[str, Message] = {}
        self._seq = 0
        self._files: dict[str, bytes] = {}
        self._blocked: set[Pair] = set()
        self._last_inbound: dict[Pair, float] = {}
        self._listeners: list[Listener] = []
        self._store = self.store = Store(directory) if directory else None
        if self._store:
            self._load(self._store)

    def on_change(self, listener: Listener) -> None:
        self._listeners.append(listener)

    # Messages

    def add(self, message: Message) -> Message:
        """Writes the message down; with a directory, it is on disk when this returns."""
        with self.lock:
            self._seq += 1
            message.seq = self._seq
            if not message.history:
                message.history.append((message.status, message.created))
            self._messages[message.sid] = message
            self._trim()
        self.changed(message)
        if self._store:
            self._store.settle()
        return message

    def changed(self, message: Message) -> None:
        if self._store:
            with self.lock:
                if message.sid in self._messages:  # what was reset or trimmed meanwhile must not come back
                    self._store.put_message(message.sid, message.seq, records.to_json(message))
        for listener in self._listeners:
            listener(message)

    def get(self, sid: str) -> Message | None:
        return self._messages.get(sid)

    def newest_first(self) -> list[Message]:
        with self.lock:
            return list(reversed(self._messages.values()))

    def after(self, seq: int) -> list[Message]:
        """The messages written down after this number, oldest first."""
        with self.lock:
            found: list[Message] = []
            for message in reversed(self._messages.values()):
                if message.seq <= seq:
                    break
                found.append(message)
        return found[::-1]

    def advance(self, message: Message, status: str, code: int | None = None) -> bool:
        """Moves the message up to this status; False when it has gone as far already."""
        now = self._clock.now()
        with self.lock:
            if message.status in FINAL or RANK[status] <= RANK[message.status]:
                return False
            message.status, message.updated, message.error_code = status, now, code
            message.history.append((status, now))
            if status == "sent":
                message.sent = now
        self.changed(message)
        return True

    def unfinished(self) -> Iterator[Message]:
        for message in reversed(self.newest_first()):
            if not message.inbound and message.status not in FINAL and message.origin == "api":
                yield message

    # Files

    def keep_file(self, media: Media, message_sid: str, content: bytes) -> None:
        if self._store:
            self._store.put_media(media.sid, message_sid, content)
        else:
            self._files[media.sid] = content

    def file(self, media_sid: str) -> bytes | None:
        return self._store.media(media_sid) if self._store else self._files.get(media_sid)

    # Opt-outs and the customer-service window

    def block(self, company: str, person: str) -> bool:
        """False when the pair was blocked before."""
        with self.lock:
            fresh = (company, person) not in self._blocked
            self._blocked.add((company, person))
        self._save_pairs()
        return fresh

    def unblock(self, company: str, person: str) -> bool:
        with self.lock:
            was = (company, person) in self._blocked
            self._blocked.discard((company, person))
        self._save_pairs()
        return was

    def is_blocked(self, company: str, person: str) -> bool:
        return (company, person) in self._blocked

    def open_window(self, company: str, person: str) -> None:
        self._last_inbound[company, person] = self._clock.now()

    def close_window(self, company: str, person: str) -> None:
        self._last_inbound.pop((company, person), None)

    def window_is_open(self, company: str, person: str, hours: float) -> bool:
        last = self._last_inbound.get((company, person))
        return last is not None and self._clock.now() - last < hours * 3600

    # Beginning and end

    def reset(self) -> None:
        with self.lock:
            self._messages.clear()
            self._files.clear()
            self._blocked.clear()
            self._last_inbound.clear()
            if self._store:
                self._store.forget_all()

    def close(self) -> None:
        if self._store:
            self._store.close()

    def _save_pairs(self) -> None:
        if self._store:
            with self.lock:
                self._store.put_fact("blocked", json.dumps(sorted(self._blocked)))

    def _trim(self) -> None:
        while len(self._messages) > max(1, self._keep()):
            oldest = next(iter(self._messages.values()))
            del self._messages[oldest.sid]
            for item in oldest.media:
                self._files.pop(item.sid, None)
            if self._store:
                self._store.forget(oldest.sid)

    def _load(self, store: Store) -> None:
        for text in store.messages():
            message = records.from_json(text)
            self._messages[message.sid] = message
            self._seq = message.seq
            if message.inbound and message.sender:
                self._last_inbound[message.to, message.sender] = message.created
        self._blocked = {(company, person) for company, person in json.loads(store.facts().get("blocked", "[]"))}
