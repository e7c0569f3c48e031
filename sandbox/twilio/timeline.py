"""What becomes of a message after it was accepted: each step at its time, each with its callback."""

import re
import threading
from collections import defaultdict

from sandbox.twilio.addresses import bare, on_channel
from sandbox.twilio.books import Books
from sandbox.twilio.callbacks import Callbacks
from sandbox.twilio.clock import Clock
from sandbox.twilio.directory import Directory
from sandbox.twilio.errors import final_status_for
from sandbox.twilio.faults import Faults
from sandbox.twilio.media import MediaFetchError, fetch_media, kind_of_file
from sandbox.twilio.model import FINAL, Message
from sandbox.twilio.schedule import Schedule
from sandbox.twilio.settings import LiveSettings

# A number that carries its fate: +150055 and an error code, such as +15005563003.
_FATEFUL = re.compile(r"\+150055([36]\d{4})")
_PRICE_OF_A_SEGMENT = 0.0079


class Viewing:
    """Which chats are open on a phone page just now."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[str, tuple[str, str, str]] = {}

    def open(self, page: str, person: str, company: str, channel: str) -> None:
        with self._lock:
            self._open[page] = (person, company, channel)

    def close(self, page: str) -> None:
        with self._lock:
            self._open.pop(page, None)

    def has_open(self, message: Message) -> bool:
        return (message.person, message.company, message.channel) in self._open.values()


class Timeline:
    def __init__(
        self,
        books: Books,
        callbacks: Callbacks,
        directory: Directory,
        faults: Faults,
        schedule: Schedule,
        settings: LiveSettings,
        clock: Clock,
    ) -> None:
        self._books = books
        self._callbacks = callbacks
        self._directory = directory
        self._faults = faults
        self._schedule = schedule
        self._settings = settings
        self._clock = clock
        self._parked: dict[str, list[Message]] = defaultdict(list)
        self.viewing = Viewing()

    def start(self, message: Message, *, first_step_now: bool = False) -> None:
        """With `first_step_now` the first callback is made before this returns."""
        if message.status == "scheduled":
            wait = (message.send_at or 0) - self._clock.now()
            self._schedule.after(max(0.0, wait), lambda: self._queue(message))
        elif message.status == "accepted":
            self._schedule.after(self._settings.delay("queued"), lambda: self._queue(message))
        elif first_step_now:
            self._depart(message)
        else:
            self._schedule.after(self._settings.delay("sent"), lambda: self._depart(message))

    def resume(self) -> None:
        """Takes up what a former process of the sandbox left unfinished."""
        for message in self._books.unfinished():
            if message.status == "sent":
                self._schedule.after(self._settings.delay("delivered"), lambda m=message: self._deliver(m))  # type: ignore[misc]
            elif message.status != "delivered":
                self.start(message)

    def see(self, person: str, company: str, channel: str) -> None:
        """The person looks at the chat: what was delivered becomes read."""
        for message in self._books.newest_first():
            if (message.person, message.company, message.channel) != (person, company, channel):
                continue
            if message.inbound or message.seen or message.status not in {"delivered", "read"}:
                continue
            message.seen = True
            self._books.changed(message)
            if message.status == "delivered" and message.channel == "whatsapp" and message.origin == "api":
                self._schedule.after(self._settings.delay("read") / 2, lambda m=message: self._read(m))  # type: ignore[misc]

    def handset_is_on(self, person: str) -> None:
        for message in self._parked.pop(person, []):
            self._schedule.after(0.1, lambda m=message: self._deliver(m))  # type: ignore[misc]

    def _queue(self, message: Message) -> None:
        service = self._directory.service(message.service_sid or "")
        if message.sender is None and service:
            channel = message.channel
            fitting = [a for a in service.senders if self._directory.sender(channel, a)]
            message.sender = on_channel(fitting[0], channel) if fitting else None
        if self._step(message, "queued"):
            self._schedule.after(self._settings.delay("sent"), lambda: self._depart(message))

    def _depart(self, message: Message) -> None:
        code = self._trouble(message)
        if code is None:
            code = self._fetch_media(message)
        if code is not None and final_status_for(code) == "failed":
            self._step(message, "failed", code)
            return
        message.price = f"-{message.num_segments * _PRICE_OF_A_SEGMENT:.5f}"
        if self._step(message, "sent"):
            self._schedule.after(self._settings.delay("delivered"), lambda: self._deliver(message, code))

    def _deliver(self, message: Message, code: int | None = None) -> None:
        if code is not None:
            self._step(message, "undelivered", code)
            return
        if message.person in self._settings.values.offline:
            self._parked[message.person].append(message)
            return
        if not self._step(message, "delivered"):
            return
        seen = self.viewing.has_open(message)
        if seen:
            message.seen = True
        if message.channel == "whatsapp" and (seen or self._settings.values.auto_read):
            self._schedule.after(self._settings.delay("read"), lambda: self._read(message))

    def _read(self, message: Message) -> None:
        self._step(message, "read")

    def _step(self, message: Message, status: str, code: int | None = None) -> bool:
        moved = message.status not in FINAL and self._books.advance(message, status, code)
        if moved:
            self._callbacks.send(message)
        return moved

    def _trouble(self, message: Message) -> int | None:
        """The error that this message will end in, if any."""
        fault = self._faults.pick_late_error(message.to, message.sender, message.channel)
        if fault is not None:
            return int(fault.params["code"])
        if fated := _FATEFUL.fullmatch(bare(message.to)):
            return int(fated[1])
        if message.channel == "whatsapp" and not message.extra.get("approved"):
            hours = self._settings.values.window_hours
            if not self._books.window_is_open(message.sender or "", message.to, hours):
                return int(message.extra.get("outside", 63016))
        trouble: dict[str, int] = message.extra.get("trouble") or {}
        return trouble.get("code")

    def _fetch_media(self, message: Message) -> int | None:
        for media in message.media:
            try:
                content = fetch_media(media)
            except MediaFetchError:
                if message.channel == "whatsapp":
                    return 63019
                continue
            if content is not None:
                self._books.keep_file(media, message.sid, content)
                message.kind = kind_of_file(media.content_type)
        return None
