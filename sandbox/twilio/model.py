"""A message in the sandbox's books."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from sandbox.twilio.addresses import bare, channel_of
from sandbox.twilio.config import Channel
from sandbox.twilio.errors import text_of

FINAL = frozenset({"read", "undelivered", "failed", "canceled", "received"})
# How far along a status is; a message only ever moves up.
RANK = {
    "scheduled": 0,
    "accepted": 0,
    "queued": 1,
    "sending": 2,
    "sent": 3,
    "delivered": 4,
    "undelivered": 5,
    "failed": 5,
    "canceled": 5,
    "received": 5,
    "read": 6,
}


def new_sid(prefix: str) -> str:
    return prefix + uuid.uuid4().hex


@dataclass(slots=True)
class Media:
    sid: str
    content_type: str
    created: float
    url: str | None = None  # where an outbound file was said to be
    name: str = ""  # what its server calls it
    size: int = 0  # bytes; 0 until it was fetched


@dataclass(slots=True)
class Message:
    sid: str
    account_sid: str
    direction: str
    origin: str  # "api", "person", or "carrier" for the answers to STOP and its like
    sender: str | None  # From, on the wire; None until a messaging service has chosen
    to: str
    body: str
    shown: str  # the text on the handset, which no redaction reaches
    status: str
    created: float
    updated: float
    seq: int = 0
    sent: float | None = None
    num_segments: int = 1
    error_code: int | None = None
    service_sid: str | None = None
    status_callback: str | None = None
    send_at: float | None = None
    price: str | None = None
    deleted: bool = False
    seen: bool = False
    kind: str = "text"
    media: list[Media] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)
    history: list[tuple[str, float]] = field(default_factory=list)
    callbacks: list[dict[str, Any]] = field(default_factory=list)

    @property
    def channel(self) -> Channel:
        return channel_of(self.to)

    @property
    def channel_error(self) -> str | None:
        """What the channel said of the error, which may be more than the code's own text."""
        if not self.error_code:
            return None
        trouble = self.extra.get("trouble") or {}
        own = text_of(self.error_code)
        return f"{own}: {trouble['text']}" if trouble.get("code") == self.error_code else own

    @property
    def inbound(self) -> bool:
        return self.direction == "inbound"

    @property
    def person(self) -> str:
        """The address of the human end."""
        return bare((self.sender or "") if self.inbound else self.to)

    @property
    def company(self) -> str:
        return bare(self.to if self.inbound else (self.sender or ""))
