"""All prepared messages, in memory and, with a folder, on disk."""

import threading

from sandbox.twilio.content.model import PENDING, RECEIVED, Content, from_json, to_json
from sandbox.twilio.store import Store


class Shelf:
    def __init__(self, store: Store | None) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._contents: dict[str, Content] = {}
        for text in store.contents() if store else ():
            content = from_json(text)
            self._contents[content.sid] = content

    def put(self, content: Content) -> None:
        """Adds or changes; with a folder, it is on disk when this returns."""
        with self._lock:
            self._contents[content.sid] = content
        if self._store:
            self._store.put_content(content.sid, to_json(content))
            self._store.settle()

    def get(self, account_sid: str, sid: str) -> Content | None:
        content = self._contents.get(sid)
        return content if content and content.account_sid == account_sid else None

    def all(self) -> list[Content]:
        """Newest first."""
        with self._lock:
            return list(reversed(self._contents.values()))

    def undecided(self) -> list[Content]:
        return [content for content in self.all() if content.approval.status in {RECEIVED, PENDING}]

    def remove(self, content: Content) -> None:
        with self._lock:
            self._contents.pop(content.sid, None)
        if self._store:
            self._store.forget_content(content.sid)

    def clear(self) -> None:
        with self._lock:
            self._contents.clear()
        if self._store:
            self._store.forget_contents()
