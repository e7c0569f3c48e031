"""Moyasar's notices: whether one is really Moyasar's, and which payment it is about.

A notice is only a reason to ask. What it says of amounts and states is not even read.
"""

from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Name = Annotated[str, Field(min_length=1, max_length=100)]


class NotAuthentic(Exception):
    """The notice does not carry the secret that we share with Moyasar."""


class Malformed(ValueError):
    """It is no notice at all. The message names the fields, never what they hold."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What a notice is about. `event_id` stays the same when it is sent again."""

    event_id: str
    event: str
    payment_id: str
    page_id: str | None
    is_live: bool


class _Document(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class _Data(_Document):
    id: Name
    invoice_id: Name | None = None


class _Notice(_Document):
    id: Name
    type: Name
    secret_token: str = Field(repr=False)
    live: bool
    data: _Data


@dataclass(frozen=True, slots=True)
class NoticeReader:
    """Reads notices that carry `secret`."""

    secret: str = field(repr=False)

    def read(self, raw: bytes) -> Notice:
        """Read a notice. Raises NotAuthentic, Malformed.

        The secret stands in every body, so a body must be neither kept nor logged.
        """
        try:
            found = _Notice.model_validate_json(raw)
        except ValidationError as error:
            fields = sorted({".".join(map(str, one["loc"])) or "the whole" for one in error.errors()})
            raise Malformed(", ".join(fields)) from None
        if not (self.secret and compare_digest(found.secret_token.encode(), self.secret.encode())):
            raise NotAuthentic
        return Notice(found.id, found.type, found.data.id, found.data.invoice_id, found.live)
