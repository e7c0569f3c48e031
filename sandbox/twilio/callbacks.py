"""Status callbacks: the form of one, its post, and what faults make of it."""

import datetime as dt
from collections import Counter

from sandbox.twilio.addresses import on_channel
from sandbox.twilio.books import Books
from sandbox.twilio.clock import Clock
from sandbox.twilio.directory import Directory
from sandbox.twilio.faults import Fault, Faults
from sandbox.twilio.model import Message
from sandbox.twilio.outcall import Caller, Outcome, new_idempotency_token
from sandbox.twilio.schedule import Schedule
from sandbox.twilio.settings import LiveSettings


class Callbacks:
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

    def send(self, message: Message) -> None:
        """Posts the message's present status to where its sender wanted it, faults permitting."""
        if not message.status_callback:
            return
        if message.extra.get("silent"):
            self._drop(message)
            return
        form, token = self._form(message), new_idempotency_token()
        fault = self._faults.pick("callback", to=message.to, sender=message.sender, channel=message.channel)
        if fault is None:
            self._post(message, form, token)
        else:
            self._post_badly(fault, message, form, token)

    def send_again(self, message: Message, status: str) -> Outcome:
        """Posts any status, whatever the message's own: late, twice, or going back."""
        form = self._form(message) | {"MessageStatus": status, "SmsStatus": status}
        return self._post(message, form, new_idempotency_token(), "by hand")

    def _post_badly(self, fault: Fault, message: Message, form: dict[str, str], token: str) -> None:
        if fault.kind == "drop":
            self._drop(message)
        elif fault.kind == "duplicate":
            self.counts["duplicated"] += 1
            self._post(message, form, token)
            pause = fault.seconds(0)
            self._schedule.after(pause, lambda: self._post(message, form, token, "the same again"))
        elif fault.kind == "reorder":
            pause = fault.seconds(self._longest_step() + 0.2)
            self.counts["reordered"] += 1
            self._schedule.after(pause, lambda: self._post(message, form, token, "held back"))
        else:
            self._schedule.after(fault.seconds(5), lambda: self._post(message, form, token, "late"))

    def _drop(self, message: Message) -> None:
        self.counts["dropped"] += 1
        self._record(message, message.status, None, "dropped by a fault")

    def _longest_step(self) -> float:
        """Long enough for the callback that follows to overtake."""
        return max(self._settings.delay(step) for step in ("sent", "delivered", "read"))

    def _post(self, message: Message, form: dict[str, str], token: str, note: str = "") -> Outcome:
        outcome = self._caller.post(
            "callback",
            message.status_callback or "",
            form,
            secret=self._directory.secret(message.account_sid),
            token=token,
            timeout=self._settings.values.webhook_timeout_s,
            note=note,
        )
        self.counts["sent" if outcome.ok else "failed"] += 1
        self._record(message, form["MessageStatus"], outcome.status, outcome.error)
        return outcome

    def _record(self, message: Message, status: str, http: int | None, error: str | None) -> None:
        row = {"status": status, "http": http, "error": error, "at": self._clock.now()}
        with self._books.lock:
            message.callbacks.append(row)
        self._books.changed(message)

    def _form(self, message: Message) -> dict[str, str]:
        form = {
            "AccountSid": message.account_sid,
            "ApiVersion": "2010-04-01",
            "From": message.sender or "",
            "To": message.to,
            "MessageSid": message.sid,
            "MessageStatus": message.status,
            "SmsSid": message.sid,
            "SmsStatus": message.status,
        }
        if message.service_sid:
            form["MessagingServiceSid"] = message.service_sid
        if message.error_code:
            form["ErrorCode"] = str(message.error_code)
        return form | (self._whatsapp(message) if message.channel == "whatsapp" else self._receipt(message))

    def _whatsapp(self, message: Message) -> dict[str, str]:
        form = {"ChannelInstallSid": "XE" + message.account_sid[2:], "ChannelPrefix": "whatsapp"}
        if message.channel_error:
            form["ChannelStatusMessage"] = message.channel_error
        if message.status == "read":
            form["EventType"] = "READ"
        person = self._directory.person(message.to)
        if person and person.bsuid and message.status in {"delivered", "read"}:
            form["ExternalUserId"] = on_channel(person.bsuid, "whatsapp")
        return form

    def _receipt(self, message: Message) -> dict[str, str]:
        if message.status not in {"delivered", "undelivered"}:
            return {}
        return {"RawDlrDoneDate": _receipt_time(message.updated)}


def _receipt_time(epoch: float) -> str:
    """YYMMDDhhmm, the carriers' way."""
    return dt.datetime.fromtimestamp(epoch, dt.UTC).strftime("%y%m%d%H%M")
