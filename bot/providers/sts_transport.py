"""One request to the vendor's API, and what its answer, or the lack of one, means."""

import json
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from requests.adapters import HTTPAdapter

from bot.providers.sts_signature import Credentials, signed_headers
from domain import clock
from domain.vendors.errors import Refused

# So many requests of a process may be at the vendor at the same time; it keeps as many connections open.
IN_FLIGHT = 32
_CONNECT_SECONDS = 5.0
_MOST_BYTES = 4 * 1024 * 1024


class NeverReached(Exception):
    """No connection was made: nothing of the request has left."""


class NoAnswer(Exception):
    """The request may have arrived, and there is no answer that could be read."""


class Transport:
    """Signed JSON over HTTP. Make it after the process has forked: it keeps connections. Never repeats a request."""

    def __init__(self, base_url: str, credentials: Credentials, timeout_seconds: float) -> None:
        self._base = base_url.rstrip("/")
        self._credentials = credentials
        self._timeout = (min(_CONNECT_SECONDS, timeout_seconds), timeout_seconds)
        self._session = requests.Session()
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=IN_FLIGHT, max_retries=0))

    def ask(self, path: str, query: Mapping[str, str | list[str]] | None = None) -> dict[str, Any]:
        """GET a document. Raises Refused, NeverReached and NoAnswer."""
        return self._send("GET", path + (f"?{urlencode(query, doseq=True)}" if query else ""), b"")

    def tell(self, path: str, document: Mapping[str, Any]) -> dict[str, Any]:
        """POST a document. Raises Refused, NeverReached and NoAnswer."""
        return self._send("POST", path, json.dumps(document, ensure_ascii=False).encode())

    def close(self) -> None:
        """Let go of the connections."""
        self._session.close()

    def _send(self, method: str, path: str, body: bytes) -> dict[str, Any]:
        # Prepared first: what is signed is the target as it stands in the request line.
        request = self._session.prepare_request(requests.Request(method, self._base + path, data=body or None))
        request.headers.update(self._headers(method, str(request.url), body))
        try:
            answer = self._session.send(
                request, timeout=self._timeout, allow_redirects=False, proxies=self._proxies(str(request.url))
            )
        except requests.exceptions.ConnectTimeout as error:
            raise NeverReached("no connection in time") from error
        except requests.exceptions.RequestException as error:
            raise broken(error) from error
        return _document(answer)

    def _headers(self, method: str, url: str, body: bytes) -> dict[str, str]:
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        signed = signed_headers(
            self._credentials,
            method,
            target,
            body,
            timestamp=int(clock.now().timestamp()),
            nonce=secrets.token_hex(16),
        )
        return {**signed, "Accept": "application/json", "Content-Type": "application/json"}

    def _proxies(self, url: str) -> Any:
        return self._session.merge_environment_settings(url, {}, None, None, None)["proxies"]


def broken(error: requests.exceptions.RequestException) -> NeverReached | NoAnswer:
    """Return what a request that came to nothing means: whether anything of it may have arrived."""
    # A connection that was never made has carried nothing; one that broke may have.
    if isinstance(error, requests.exceptions.ConnectionError) and "NewConnectionError" in repr(error):
        return NeverReached("no connection")
    return NoAnswer(type(error).__name__)


def _document(answer: requests.Response) -> dict[str, Any]:
    """Return the document of an answer. A refusal counts only when the vendor itself words it."""
    read = _json(answer)
    if 200 <= answer.status_code < 300 and read is not None:
        return read
    error = read.get("error") if read else None
    if 400 <= answer.status_code < 500 and isinstance(error, dict) and isinstance(error.get("code"), str):
        raise Refused(error["code"], str(error.get("detail") or ""))
    raise NoAnswer(f"HTTP {answer.status_code}")


def _json(answer: requests.Response) -> dict[str, Any] | None:
    if len(answer.content) > _MOST_BYTES:
        return None
    try:
        found = answer.json()
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
