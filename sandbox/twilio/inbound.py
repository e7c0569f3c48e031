"""What people send to the company: written down, and posted to the service's webhook."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from sandbox.twilio.addresses import bare, is_phone, is_user_id, on_channel
from sandbox.twilio.books import Books
from sandbox.twilio.clock import Clock
from sandbox.twilio.config import CHANNELS, Channel, Sender
from sandbox.twilio.directory import Directory
from sandbox.twilio.errors import BadRequestError
from sandbox.twilio.faults import Fault, Faults
from sandbox.twilio.forms import base_form, kind_form, media_form
from sandbox.twilio.keywords import obey_keyword
from sandbox.twilio.media import File, kind_of_file, read_media
from sandbox.twilio.model import Media, Message, new_sid
from sandbox.twilio.outcall import Caller, Outcome, new_idempotency_token
from sandbox.twilio.schedule import Schedule
from sandbox.twilio.segments import count_segments
from sandbox.twilio.settings import LiveSettings

WEBHOOK_PATH = "/webhooks/twilio/messages"
_MAX_COPIES = 20


@dataclass(slots=True)
class Arrival:
    """One inbound message with all that its delivery needs."""

    message: Message
    form: dict[str, str]
    copies: int = 1
    at_once: bool = False
    token: str = field(default_factory=new_idempotency_token)


class Inbound:
    def __init__(
        self,
        books: Books,
        caller: Caller,
        directory: Directory,
        faults: Faults,
        schedule: Schedule,
        settings: LiveSettings,
        clock: Clock,
    ) -> None:
        self._books = books
        self._caller = caller
        self._directory = directory
        self._faults = faults
        self._schedule = schedule
        self._settings = settings
        self._clock = clock
        self.counts: Counter[str] = Counter()

    def receive(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Takes a message from a person through to the webhook; returns its sid and what the webhook said."""
        arrival = self._read(wanted)
        message = arrival.message
        self._books.add(message)
        self._obey(message)
        fault = self._faults.pick("webhook", to=message.to, sender=message.sender, channel=message.channel)
        if wanted.get("wait") is False:
            self._schedule.after(0, lambda: self._carry(arrival, fault))
            return {"sid": message.sid, "status": None, "statuses": []}
        outcomes = self._carry(arrival, fault)
        statuses = [outcome.status for outcome in outcomes]
        return {
            "sid": message.sid,
            "status": statuses[0] if statuses else None,
            "statuses": statuses,
            "error": outcomes[0].error if outcomes else f"{fault.kind} by a fault" if fault else None,
        }

    def _carry(self, arrival: Arrival, fault: Fault | None) -> list[Outcome]:
        if fault is None:
            return self._deliver(arrival)
        if fault.kind == "drop":
            self.counts["dropped"] += 1
            self._record(arrival.message, Outcome(None, "dropped by a fault", 0))
            return []
        if fault.kind == "duplicate":
            arrival.copies, arrival.at_once = max(2, arrival.copies), fault.flag("at_once")
            return self._deliver(arrival)
        # Late, or late enough for the next one to overtake.
        self._schedule.after(fault.seconds(5 if fault.kind == "delay" else 1), lambda: self._deliver(arrival))
        return []

    def _deliver(self, arrival: Arrival) -> list[Outcome]:
        if not arrival.at_once:
            return [self._post(arrival, n) for n in range(arrival.copies)]
        with ThreadPoolExecutor(arrival.copies) as pool:
            return list(pool.map(lambda n: self._post(arrival, n), range(arrival.copies)))

    def _post(self, arrival: Arrival, copy: int) -> Outcome:
        message = arrival.message
        outcome = self._caller.post(
            "webhook",
            self._settings.values.webhook_base_url + WEBHOOK_PATH,
            arrival.form,
            secret=self._directory.secret(message.account_sid),
            token=arrival.token,
            timeout=self._settings.values.webhook_timeout_s,
            note="the same again" if copy else "",
        )
        self.counts["delivered" if outcome.ok else "failed"] += 1
        self._record(message, outcome)
        return outcome

    def _record(self, message: Message, outcome: Outcome) -> None:
        row = {"status": "received", "http": outcome.status, "error": outcome.error, "at": self._clock.now()}
        with self._books.lock:
            message.callbacks.append(row)
        self._books.changed(message)

    def _obey(self, message: Message) -> None:
        """The carrier's part: the open window on WhatsApp, the reserved words on SMS."""
        person = message.sender or ""
        if message.channel == "whatsapp":
            self._books.open_window(message.to, person)
            return
        answer = obey_keyword(self._books, message.to, person, message.body)
        if answer:
            now = self._clock.now()
            self._books.add(
                Message(
                    sid=new_sid("SM"),
                    account_sid=message.account_sid,
                    direction="outbound-reply",
                    origin="carrier",
                    sender=message.to,
                    to=person,
                    body=answer,
                    shown=answer,
                    status="delivered",
                    created=now,
                    updated=now,
                    sent=now,
                    num_segments=count_segments(answer),
                )
            )

    def _read(self, wanted: dict[str, Any]) -> Arrival:
        channel = wanted.get("channel") or "whatsapp"
        if channel not in CHANNELS:
            raise BadRequestError("channel is whatsapp or sms")
        sender = self._company(str(wanted.get("to") or ""), channel)
        person = bare(str(wanted.get("from") or ""))
        if not (is_phone(person) or (channel == "whatsapp" and is_user_id(person))):
            raise BadRequestError("from is a phone number with its +, or on WhatsApp a user id such as SA.1A2B")
        message = self._message(wanted, sender, on_channel(person, channel))
        form = (
            base_form(message) | self._identity(person, channel) | media_form(message) | kind_form(wanted, message.to)
        )
        form |= {str(key): str(value) for key, value in (wanted.get("params") or {}).items()}
        duplicate = wanted.get("duplicate") or 1
        copies = 2 if duplicate is True else max(1, min(int(duplicate), _MAX_COPIES))
        return Arrival(message, form, copies, bool(wanted.get("at_once")))

    def _company(self, address: str, channel: str) -> Sender:
        sender = self._directory.sender(channel, address)
        if sender is None:
            return self._unknown_sender(address, channel)
        if not sender.two_way:
            raise BadRequestError(f"{sender.address} is a registered name, which can't be written to")
        return sender

    def _unknown_sender(self, address: str, channel: str) -> Sender:
        """A number at Twilio that the service was never told of: it hears from it all the same."""
        if not is_phone(bare(address)):
            raise BadRequestError(f"to is a company number; there is no {address!r} on {channel}")
        kind: Channel = "whatsapp" if channel == "whatsapp" else "sms"
        return Sender(bare(address), kind, address, self._directory.first_account.sid)

    def _message(self, wanted: dict[str, Any], sender: Sender, person: str) -> Message:
        files = wanted.get("media") or []
        files = files if isinstance(files, list) else [files]
        contents = [read_media(item) for item in files]
        now = self._clock.now()
        body = str(wanted.get("body") or _tapped(wanted) or "")
        message = Message(
            sid=new_sid("MM" if contents else "SM"),
            account_sid=sender.account_sid,
            direction="inbound",
            origin="person",
            sender=person,
            to=sender.wire,
            body=body,
            shown=body,
            status="received",
            created=now,
            updated=now,
            sent=now,
            num_segments=1 if sender.channel == "whatsapp" else count_segments(body),
            seen=True,
            kind=_kind(wanted, contents),
            extra={name: wanted[name] for name in ("location", "button", "list", "reply_to") if wanted.get(name)},
        )
        for file in contents:
            media = Media(new_sid("ME"), file.content_type, now, name=file.name, size=len(file.content))
            message.media.append(media)
            self._books.keep_file(media, message.sid, file.content)
        return message

    def _identity(self, person: str, channel: str) -> dict[str, str]:
        """Who WhatsApp says it is; SMS says nothing."""
        if channel != "whatsapp":
            return {}
        known = self._directory.person(person)
        form = {"ProfileName": known.name if known else person, "Forwarded": "false"}
        if is_phone(person):
            form["WaId"] = person[1:]
        user_id = person if is_user_id(person) else known.bsuid if known else None
        return form | ({"ExternalUserId": on_channel(user_id, "whatsapp")} if user_id else {})


def _tapped(wanted: dict[str, Any]) -> str | None:
    """A tap arrives with the words of what was tapped as its text."""
    button, item = wanted.get("button") or {}, wanted.get("list") or {}
    return button.get("text") or item.get("title")


def _kind(wanted: dict[str, Any], contents: list[File]) -> str:
    if wanted.get("kind"):
        return str(wanted["kind"])
    if contents:
        return kind_of_file(contents[0].content_type)
    return next((name for name in ("location", "button", "list", "reply_to") if wanted.get(name)), "text")
