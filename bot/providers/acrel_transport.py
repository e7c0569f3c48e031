"""One request to ACREL's platform: who we are, and what its answer, or the lack of one, means."""

import base64
import json
from collections.abc import Mapping
from threading import Lock
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter

from bot.providers.sts_transport import NeverReached, NoAnswer, broken
from domain.vendors.errors import Refused

_LOGIN: Final = "/basic/currency/auth_user/login"
_IN_FLIGHT: Final = 8
_MOST_BYTES: Final = 4 * 1024 * 1024
# The platform says so as text, whatever HTTP says.
_DONE: Final = "1"
# How it says that it doesn't know our token any more: nothing was done.
_STRANGER: Final = "login_required"


class AcrelTransport:
    """Signs in, and carries requests. Make it after the process has forked: it keeps connections.

    A request is repeated in one case only: the platform says that it did nothing, because it did not know us any more.
    """

    def __init__(self, base_url: str, username: str, password: str, timeout_seconds: float) -> None:
        self._base = base_url.rstrip("/")
        self._name, self._password = username, password
        self._timeout = (min(5.0, timeout_seconds), timeout_seconds)
        self._session = requests.Session()
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=_IN_FLIGHT, max_retries=0))
        self._token: str | None = None
        self._lock = Lock()

    def sign_in(self) -> str:
        """Return a token, anew. Raises Refused, NeverReached and NoAnswer."""
        said = {"LoginName": self._name, "PassWord": self._password}
        data = self._send("POST", _LOGIN, data={"params": base64.b64encode(json.dumps(said).encode()).decode()})
        if not isinstance(data, dict) or not isinstance(data.get("token"), str):
            raise NoAnswer("no token")
        self._token = data["token"]
        return self._token

    def ask(self, path: str, query: Mapping[str, str]) -> Any:
        """GET what stands under `data`. Raises Refused, NeverReached and NoAnswer."""
        return self._known("GET", path, params=dict(query))

    def tell(self, path: str, document: Mapping[str, Any]) -> Any:
        """POST a document, and return what stands under `data`. Raises Refused, NeverReached and NoAnswer."""
        return self._known("POST", path, json=dict(document))

    def _known(self, method: str, path: str, **what: Any) -> Any:
        try:
            token = self._signed_in()
        except NoAnswer as error:  # nobody was told anything yet
            raise NeverReached(f"can't sign in: {error}") from error
        try:
            return self._send(method, path, headers={"token": token}, **what)
        except Refused as error:
            if error.code != _STRANGER:
                raise
        try:
            token = self.sign_in()
        except NoAnswer as error:
            raise NeverReached(f"can't sign in: {error}") from error
        return self._send(method, path, headers={"token": token}, **what)

    def _signed_in(self) -> str:
        with self._lock:
            return self._token or self.sign_in()

    def _send(self, method: str, path: str, **what: Any) -> Any:
        try:
            answer = self._session.request(
                method, self._base + path, timeout=self._timeout, allow_redirects=False, **what
            )  # fmt: skip
        except requests.exceptions.ConnectTimeout as error:
            raise NeverReached("no connection in time") from error
        except requests.exceptions.RequestException as error:
            raise broken(error) from error
        return _data(answer)


def _data(answer: requests.Response) -> Any:
    """Return what was answered. A refusal counts only when the platform itself words it."""
    try:
        read = answer.json() if len(answer.content) <= _MOST_BYTES else None
    except ValueError:
        read = None
    if answer.status_code != 200 or not isinstance(read, dict) or "success" not in read:
        raise NoAnswer(f"HTTP {answer.status_code}")
    if read["success"] != _DONE:
        raise Refused(str(read.get("errorCode") or "refused"), str(read.get("errorMsg") or ""))
    return read.get("data")
