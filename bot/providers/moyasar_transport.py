"""One request to Moyasar, and what its outcome means for what was asked."""

from typing import Any

import requests

from domain.gateways.errors import OutcomeUnknown, Refused, Unreachable

_CONNECT_SECONDS = 5.0
_ANSWER_SECONDS = 20.0
_TIMED_OUT_THERE = 408
_NOT_FOUND = 404


class NotThere(Refused):
    """Moyasar has nothing of that id."""


class Transport:
    """Speaks to one account at `base`."""

    def __init__(self, base: str, key: str) -> None:
        self._base = base
        self._key = key

    def ask(self, path: str, query: dict[str, str] | None = None) -> Any:
        """Return the answer to a question. Raises NotThere, Refused, Unreachable."""
        try:
            answer = self._request("GET", path, params=query)
        except requests.RequestException as error:
            raise Unreachable(type(error).__name__) from error
        if answer.status_code == _NOT_FOUND:
            raise NotThere("not_found")
        if not answer.ok or answer.is_redirect:
            raise _refusal(answer) or Unreachable(f"HTTP {answer.status_code}")
        document = _json(answer)
        if document is None:
            raise Unreachable("the answer is not JSON")
        return document

    def do(self, method: str, path: str, data: dict[str, Any] | None = None) -> Any:
        """Have something done, and return the answer. Raises Refused, Unreachable, OutcomeUnknown."""
        try:
            answer = self._request(method, path, json=data)
        except requests.RequestException as error:
            raise _no_answer(error) from error
        if not answer.ok or answer.is_redirect:
            raise _refusal(answer) or OutcomeUnknown(f"HTTP {answer.status_code}")
        document = _json(answer)
        if document is None:
            raise OutcomeUnknown("the answer is not JSON")
        return document

    def _request(self, method: str, path: str, **kwargs: Any) -> requests.Response:
        # A new connection each time: one that was kept may be gone when it is used again, and then nobody would know
        # whether the request had arrived. Nothing but Moyasar itself may answer, so redirects are not followed.
        return requests.request(
            method,
            f"{self._base}{path}",
            auth=(self._key, ""),
            headers={"Accept": "application/json"},
            timeout=(_CONNECT_SECONDS, _ANSWER_SECONDS),
            allow_redirects=False,
            **kwargs,
        )


def _refusal(answer: requests.Response) -> Refused | None:
    """What a 4xx says; None for what is no refusal."""
    if not 400 <= answer.status_code < 500 or answer.status_code == _TIMED_OUT_THERE:
        return None
    document = _json(answer)
    found = document if isinstance(document, dict) else {}
    fields = found.get("errors")
    named = f" ({', '.join(map(str, fields))})" if isinstance(fields, dict) else ""
    return Refused(str(found.get("type") or f"http_{answer.status_code}"), f"{found.get('message') or ''}{named}")


def _no_answer(error: requests.RequestException) -> Unreachable | OutcomeUnknown:
    # A connection that was never made has carried nothing; one that broke may have.
    never_made = isinstance(error, requests.exceptions.ConnectTimeout) or "NewConnectionError" in repr(error)
    return Unreachable(type(error).__name__) if never_made else OutcomeUnknown(type(error).__name__)


def _json(answer: requests.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None
