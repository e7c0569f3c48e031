"""Idempotency-Key: what was answered once is answered again, and not done again.

The key is held from before the work to its commit, and the answer is kept in the same transaction as the work. So a
process that dies has done nothing and holds nothing, and of two requests at once one is told that the other is on.
"""

import hmac
import re
from hashlib import sha256
from typing import Final

from cryptography.fernet import InvalidToken
from flask import Request, Response

from bot.api.calls import Call
from bot.problems import Problem
from domain.answers import Answer, found_answer, keep_answer, take_key
from domain.ids import new_id

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotent-Replayed"
KEY_PATTERN: Final = "[!-~]{1,200}"
_KEY: Final = re.compile(KEY_PATTERN)


class Repeat:
    """One request that bears a key."""

    def __init__(self, call: Call, request: Request, raw: bytes) -> None:
        self._call = call
        self._key = request.headers[HEADER]
        if not _KEY.fullmatch(self._key):
            raise Problem(400, "bad_idempotency_key", f"{HEADER} has 1 to 200 printable ASCII characters")
        asked = f"{request.method} {request.path}\n".encode() + raw
        self._asked = hmac.digest(call.keys.requests, asked, sha256)
        call.repeat_key = f"{self._key} {self._asked.hex()}"

    def answered(self) -> Response | None:
        """Return what was answered before; None when this is the first time, and the key is held from now on."""
        principal = self._call.principal.id
        if not take_key(self._call.session, principal, self._key):
            raise Problem(409, "in_flight", "a request with this Idempotency-Key is being answered", headers=_SOON)
        found = found_answer(self._call.session, principal, self._key)
        if found is None:
            return None
        asked, status, sealed = found
        if not hmac.compare_digest(asked, self._asked):
            raise Problem(422, "idempotency_key_reused", "this Idempotency-Key was used for another request")
        return self._replayed(status, sealed)

    def keep(self, response: Response) -> None:
        """Keep the answer, with the work that it tells of.

        A call that was away did not hold the key: the same request may have come again meanwhile, asked for the same
        under the same reference, and kept the answer.
        """
        if self._call.was_away and not self._is_ours():
            return
        keep_answer(
            self._call.session,
            Answer(
                id=new_id(),
                business_id=self._call.business_id,
                principal_id=self._call.principal.id,
                key=self._key,
                asked=self._asked,
                status=response.status_code,
                body=self._call.keys.answers.encrypt(response.get_data()),
            ),
        )

    def _is_ours(self) -> bool:
        session, principal = self._call.session, self._call.principal.id
        return take_key(session, principal, self._key) and found_answer(session, principal, self._key) is None

    def _replayed(self, status: int, sealed: bytes) -> Response:
        try:
            body = self._call.keys.answers.decrypt(sealed)
        except InvalidToken:
            detail = "this was done, and its answer can't be read any more: SECRET_KEY has changed since"
            raise Problem(409, "answer_lost", detail) from None
        response = Response(body, status=status, headers={REPLAYED: "true"})
        response.content_type = "application/json"
        return response


_SOON: Final = {"Retry-After": "1"}
