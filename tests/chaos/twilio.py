"""The sandbox, as the harness sees it: over HTTP, like everybody else."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import requests

_PAGE = 5000


class Twilio:
    """The control interface. Not for several threads at once: each makes its own."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/control/"
        self._http = requests.Session()
        self._http.trust_env = False

    def get(self, path: str, **query: Any) -> Any:
        """Ask for something."""
        return self._said(self._http.get(self._url + path, params=query, timeout=60))

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Change something."""
        return self._said(self._http.post(self._url + path, json=body, timeout=60))

    def delete(self, path: str) -> Any:
        """Remove something."""
        return self._said(self._http.delete(self._url + path, timeout=60))

    def messages(self, since: int = 0) -> Iterator[dict[str, Any]]:
        """Yield the books from after number `since` on, oldest first."""
        while True:
            page = self.get("messages", since=since, limit=_PAGE)
            yield from page["items"]
            if len(page["items"]) < _PAGE:
                return
            since = page["next_since"]

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    @staticmethod
    def _said(answer: requests.Response) -> Any:
        answer.raise_for_status()
        return answer.json()


def is_ours(message: dict[str, Any]) -> bool:
    """Tell whether the service sent it: not a person, and not a carrier of its own accord."""
    return bool(message["origin"] == "api")


def message_id(message: dict[str, Any]) -> UUID | None:
    """Return the id of our row that a sent message names in the address of its callback."""
    named = parse_qs(urlsplit(message["status_callback"] or "").query).get("message", [""])
    try:
        return UUID(named[0])
    except ValueError:
        return None
