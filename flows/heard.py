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
class Media:
    """A file that came with the message: where it can be fetched, and what it is said to be."""

    url: str
    content_type: str


@dataclass(frozen=True, slots=True)
class Location:
    """A place on earth in degrees, and what the customer's phone calls it."""

    latitude: float
    longitude: float
    label: str


@dataclass(frozen=True, slots=True)
class Heard:
    """One inbound message. `payload` is the id of the button or list item that was tapped.

    `answered_as`: Twilio understood it as STOP, START or HELP, in whatever words, and has answered it.
    """

    kind: str
    text: str
    payload: str | None = None
    media: tuple[Media, ...] = ()
    location: Location | None = None
    answered_as: str | None = None


# What a timer's turn hears.
NOTHING: Final = Heard(EMPTY, "")
