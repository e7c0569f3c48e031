"""The rules by which Twilio takes or refuses a new message."""

from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

from sandbox.twilio import addresses
from sandbox.twilio.books import Books
from sandbox.twilio.clock import Clock, parse_instant
from sandbox.twilio.directory import MAGIC_SENDER, Directory
from sandbox.twilio.errors import ApiError
from sandbox.twilio.fields import Fields
from sandbox.twilio.media import kind_of_file
from sandbox.twilio.model import Media, Message, new_sid
from sandbox.twilio.segments import count_segments
from sandbox.twilio.settings import LiveSettings

MAX_BODY = 1600
_MAX_MEDIA = 10
_SEND_AT_SECONDS = (15 * 60, 35 * 24 * 3600)
_MAGIC_SENDERS = {"+15005550001": 21212, "+15005550007": 21606, "+15005550008": 21611}
_MAGIC_RECIPIENTS = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}


class Contents(Protocol):
    """Prepared messages by ContentSid: buttons, lists, templates."""

    def render(self, account_sid: str, sid: str, variables: str, channel: str) -> Mapping[str, Any]:
        """What to put into the message: body, kind, media, extra; raises ApiError."""


class Creating:
    def __init__(
        self, books: Books, directory: Directory, settings: LiveSettings, clock: Clock, contents: Contents
    ) -> None:
        self._books = books
        self._directory = directory
        self._settings = settings
        self._clock = clock
        self._contents = contents

    def message(self, account_sid: str, form: Fields) -> Message:
        """A message that passes every check, not yet written down; raises ApiError."""
        to, sender, service_sid = form.get("To"), form.get("From"), form.get("MessagingServiceSid")
        if not to:
            raise ApiError(21604)
        if not (sender or service_sid):
            raise ApiError(21603)
        urls = [url for url in form.getlist("MediaUrl") if url]
        _check_content(form, urls)
        self._check_sender(account_sid, sender, service_sid)
        self._check_recipient(to, sender)
        _check_status_callback(form.get("StatusCallback"))
        _check_validity(form.get("ValidityPeriod"))
        return self._compose(account_sid, form, urls, self._send_at(form, service_sid))

    def _compose(self, account_sid: str, form: Fields, urls: list[str], send_at: float | None) -> Message:
        to, body, now = form.get("To"), form.get("Body"), self._clock.now()
        content = self._content(account_sid, form)
        if content:
            body, urls = content["body"], content["media"]
        service_sid = form.get("MessagingServiceSid") or None
        whatsapp = addresses.channel_of(to) == "whatsapp"
        media = [Media(new_sid("ME"), _guess_type(url), now, url) for url in urls]
        return Message(
            sid=new_sid("MM" if media else "SM"),
            account_sid=account_sid,
            direction="outbound-api",
            origin="api",
            sender=form.get("From") or None,
            to=to,
            body="" if content and self._settings.values.content_body_empty else body,
            shown=body,
            status="scheduled" if send_at else "accepted" if service_sid else "queued",
            created=now,
            updated=now,
            num_segments=0 if service_sid else 1 if whatsapp else count_segments(body),
            service_sid=service_sid,
            status_callback=form.get("StatusCallback") or None,
            send_at=send_at,
            kind=content.get("kind") or (kind_of_file(media[0].content_type) if media else "text"),
            media=media,
            extra=dict(content.get("extra") or {}),
        )

    def _content(self, account_sid: str, form: Fields) -> Mapping[str, Any]:
        """What the prepared message becomes; empty when none was named."""
        if not form.get("ContentSid"):
            return {}
        channel = addresses.channel_of(form.get("To"))
        content = self._contents.render(account_sid, form.get("ContentSid"), form.get("ContentVariables"), channel)
        if len(content["body"]) > MAX_BODY:
            raise ApiError(21617)
        if not all(_is_web_address(url) for url in content["media"]):
            raise ApiError(21620)
        return content

    def _check_sender(self, account_sid: str, sender: str, service_sid: str) -> None:
        if service_sid:
            service = self._directory.service(service_sid)
            if service is None:
                raise ApiError(21701)
            if not service.senders:
                raise ApiError(21703)
        if not sender:
            return
        address, channel = addresses.bare(sender), addresses.channel_of(sender)
        if channel == "sms" and address in _MAGIC_SENDERS:
            raise ApiError(_MAGIC_SENDERS[address])
        if not (addresses.is_phone(address) or addresses.is_sender_name(address)):
            raise ApiError(63007 if channel == "whatsapp" else 21212)
        if not self._directory.owns(account_sid, channel, address):
            raise ApiError(63007 if channel == "whatsapp" else 21606)

    def _check_recipient(self, to: str, sender: str) -> None:
        channel, address = addresses.channel_of(to), addresses.bare(to)
        if sender and addresses.channel_of(sender) != channel:
            raise ApiError(21910)
        if not (addresses.is_phone(address) or (channel == "whatsapp" and addresses.is_user_id(address))):
            raise ApiError(21211, f"The 'To' number {to} is not a valid phone number.")
        if sender and address == addresses.bare(sender):
            raise ApiError(63031 if channel == "whatsapp" else 21612)
        if channel == "sms":
            self._check_handset(address)
        if sender and self._books.is_blocked(sender, to):
            raise ApiError(21610)

    def _check_handset(self, phone: str) -> None:
        if phone in _MAGIC_RECIPIENTS:
            raise ApiError(_MAGIC_RECIPIENTS[phone])
        if any(phone.startswith(prefix) for prefix in self._settings.values.blocked_countries):
            raise ApiError(21408)
        if phone != MAGIC_SENDER and addresses.is_landline(phone):
            raise ApiError(21614)

    def _send_at(self, form: Fields, service_sid: str) -> float | None:
        if not (form.get("SendAt") or form.get("ScheduleType")):
            return None
        if form.get("ScheduleType") != "fixed" or not form.get("SendAt"):
            raise ApiError(35111)
        if not service_sid:
            raise ApiError(35118)
        try:
            at = parse_instant(form.get("SendAt"))
        except ValueError as exc:
            raise ApiError(35114) from exc
        soonest, latest = _SEND_AT_SECONDS
        if not soonest <= at - self._clock.now() <= latest:
            raise ApiError(35114)
        return at


def _check_content(form: Fields, urls: list[str]) -> None:
    body = form.get("Body")
    if form.get("ContentVariables") and not form.get("ContentSid"):
        raise ApiError(21654)
    if not (body or urls or form.get("ContentSid")):
        raise ApiError(21602)
    if len(body) > MAX_BODY:
        raise ApiError(21617)
    if len(urls) > _MAX_MEDIA:
        raise ApiError(21623)
    if not all(_is_web_address(url) for url in urls):
        raise ApiError(21620)


def _check_status_callback(url: str) -> None:
    if url and (not _is_web_address(url) or "_" in (urlsplit(url).hostname or "")):
        raise ApiError(21609, f"The StatusCallback URL {url} is not a valid URL.")


def _check_validity(seconds: str) -> None:
    if seconds and not (seconds.isascii() and seconds.isdigit() and 1 <= int(seconds) <= 36_000):
        raise ApiError(21624)


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


_TYPES = {"pdf": "application/pdf", "png": "image/png", "ogg": "audio/ogg", "webp": "image/webp", "mp4": "video/mp4"}


def _guess_type(url: str) -> str:
    """Until the file was fetched its name must do."""
    return _TYPES.get(urlsplit(url).path.rsplit(".", 1)[-1].lower(), "image/jpeg")
