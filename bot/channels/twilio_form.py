"""What Twilio's form says, as the domain and the flows want to hear it."""

from collections.abc import Mapping

from domain.senders import SMS, WHATSAPP
from domain.turns import Arrival
from flows.heard import EMPTY, LOCATION, MEDIA, STICKER, TEXT, VOICE, Heard, Location, Media

_WHATSAPP_PREFIX = "whatsapp:"
_MOST_MEDIA = 10
_LONGEST_ADDRESS = 320


class FormError(ValueError):
    """The form lacks what every message has."""


def address_of(written: str) -> tuple[str, str]:
    """Return the channel and the bare address that Twilio writes as `written`."""
    if written.startswith(_WHATSAPP_PREFIX):
        return WHATSAPP, written.removeprefix(_WHATSAPP_PREFIX)
    return SMS, written


def written_as(channel: str, address: str) -> str:
    """Return how Twilio writes `address` on `channel`."""
    return f"{_WHATSAPP_PREFIX}{address}" if channel == WHATSAPP else address


def clean(form: Mapping[str, str]) -> dict[str, str]:
    """Return the form without the one character that no database text can hold."""
    return {name.replace("\0", ""): value.replace("\0", "") for name, value in form.items()}


def arrival_of(form: Mapping[str, str]) -> Arrival:
    """Return the inbound message that `form` describes. Raises FormError where it describes none."""
    channel, address = address_of(form.get("From", ""))
    sid = form.get("MessageSid") or form.get("SmsMessageSid") or form.get("SmsSid")
    if not sid or not address or len(address) > _LONGEST_ADDRESS:
        raise FormError("no MessageSid or From")
    external = form.get("ExternalUserId", "").removeprefix(_WHATSAPP_PREFIX)
    return Arrival(
        channel=channel,
        address=address,
        provider_sid=sid,
        text=form.get("Body", ""),
        media=_media(form),
        params=dict(form),
        external_id=external or None,
    )


def heard_of(form: Mapping[str, str]) -> Heard:
    """Return what the customer sent."""
    media = tuple(Media(one["url"], one["content_type"]) for one in _media(form))
    answered_as = form.get("OptOutType", "").upper() or None
    return Heard(_kind(form), form.get("Body", ""), _payload(form), media, _location(form), answered_as)


def _location(form: Mapping[str, str]) -> Location | None:
    try:
        latitude, longitude = float(form.get("Latitude", "")), float(form.get("Longitude", ""))
    except ValueError:
        return None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return None
    label = ", ".join(part for part in (form.get("Label", ""), form.get("Address", "")) if part)
    return Location(latitude, longitude, label)


def _payload(form: Mapping[str, str]) -> str | None:
    # Which of these a list selection carries is nowhere confirmed, so any will do.
    return form.get("ButtonPayload") or form.get("ListId") or None


def _kind(form: Mapping[str, str]) -> str:
    if _location(form):
        return LOCATION
    media = _media(form)
    if media:
        return _media_kind(media[0]["content_type"])
    return TEXT if form.get("Body", "").strip() or _payload(form) else EMPTY


def _media_kind(content_type: str) -> str:
    if content_type.startswith("audio/"):
        return VOICE
    return STICKER if content_type == "image/webp" else MEDIA


def _media(form: Mapping[str, str]) -> list[dict[str, str]]:
    written = form.get("NumMedia", "0")
    number = min(int(written), _MOST_MEDIA) if written.isascii() and written.isdigit() else 0
    return [
        {"url": form.get(f"MediaUrl{n}", ""), "content_type": form.get(f"MediaContentType{n}", "")}
        for n in range(number)
    ]
