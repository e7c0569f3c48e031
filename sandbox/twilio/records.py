"""A message as JSON on disk, and back."""

import json
from typing import Any

from sandbox.twilio.model import Media, Message

_PLAIN = tuple(name for name in Message.__slots__ if name not in {"media", "history"})


def to_json(message: Message) -> str:
    row: dict[str, Any] = {name: getattr(message, name) for name in _PLAIN}
    row["media"] = [
        [item.sid, item.content_type, item.created, item.url, item.name, item.size] for item in message.media
    ]
    row["history"] = message.history
    return json.dumps(row, ensure_ascii=False)


def from_json(text: str) -> Message:
    row = json.loads(text)
    row["media"] = [Media(*item) for item in row["media"]]
    row["history"] = [(status, at) for status, at in row["history"]]
    return Message(**row)
