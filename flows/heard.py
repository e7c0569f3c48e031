"""What the customer sent, as a flow wants to hear it."""

from dataclasses import dataclass
from typing import Final

TEXT: Final = "text"
EMPTY: Final = "empty"
LOCATION: Final = "location"
VOICE: Final = "voice"
STICKER: Final = "sticker"
MEDIA: Final = "media"


@dataclass(frozen=True, slots=True)
class Heard:
    """One inbound message. `payload` is the id of the button or list item that was tapped."""

    kind: str
    text: str
    payload: str | None = None
