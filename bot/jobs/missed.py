"""The safety net for what people write: what Twilio has and never reached us is taken in after all.

Twilio tries a webhook once. While we were down, or too slow, the message stays in its list and nowhere else.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from time import monotonic
from typing import Final

import requests
import structlog
from twilio.base.exceptions import TwilioException

from bot.arrivals import take_in
from bot.channels.twilio_client import Received, Twilio
from bot.channels.twilio_form import FormError, clean, written_as
from bot.jobs.counting import happened
from bot.jobs.failing import fails_in_one_line
from bot.jobs.worker_services import WorkerServices, worker_services
from domain import clock
from domain.doubts import ours
from domain.missed import Watched, looked_until, watched

log = structlog.get_logger()

# Twilio waits 15 seconds for a webhook. Until then the message may still come to us that way, and with more to it.
_SETTLED_AFTER: Final = timedelta(seconds=20)
_NOTICED_FOR: Final = 15.0
# How late a message may appear in the list after one that was sent later.
_OVERLAP: Final = timedelta(minutes=5)
_FIRST_LOOK_BACK: Final = timedelta(minutes=5)
_MOST: Final = 20_000
_AT_ONCE: Final = 4

_UNREACHABLE: Final = (TwilioException, requests.exceptions.RequestException)


@dataclass(frozen=True, slots=True)
class Listing:
    """What Twilio lists for a number since `since`, oldest first; or why it can't be asked."""

    number: Watched
    since: datetime
    received: list[Received] = field(default_factory=list)
    error: Exception | None = None


class Net:
    """Looks for what never reached us, as often as it is asked to."""

    def __init__(self, services: WorkerServices) -> None:
        self._services = services
        self._noticed: dict[str, float] = {}

    def look(self) -> int:
        """Take in what is missing, and return how much was. No connection is held while Twilio is waited for."""
        with self._services.door.for_every_business() as session:
            numbers = watched(session)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            listings = list(pool.map(self._listing, numbers))
        failed = [listing.error for listing in listings if listing.error is not None]
        if failed:
            log.warning("Twilio can't be asked what came in", senders=len(failed), error=type(failed[0]).__name__)
        noticed, self._noticed = self._noticed, {}
        return sum(self._compare(listing, noticed) for listing in listings if listing.error is None)

    def _listing(self, number: Watched) -> Listing:
        at, since = written_as(number.channel, number.address), _since(number)
        twilio = self._twilio(number)
        if twilio is None:
            return Listing(number, since)  # the account's variables are not set: nothing comes in there
        try:
            return Listing(number, since, twilio.received(at=at, since=since - _OVERLAP, most=_MOST))
        except _UNREACHABLE as error:
            return Listing(number, since, error=error)

    def _twilio(self, number: Watched) -> Twilio | None:
        return self._services.twilio_of(number.account_sid_var, number.auth_token_var)

    def _compare(self, listing: Listing, noticed: dict[str, float]) -> int:
        with self._services.door.for_every_business() as session:
            have = ours(session, [one.sid for one in listing.received])
        missing = [one for one in listing.received if one.sid not in have]
        waiting = [one for one in missing if not self._take(listing.number, one, noticed)]
        with self._services.door.for_every_business() as session:
            looked_until(session, listing.number.sender_id, _until(listing, waiting))
        return len(missing) - len(waiting)

    def _take(self, number: Watched, one: Received, noticed: dict[str, float]) -> bool:
        """Take a message in. False: not yet."""
        first = self._noticed[one.sid] = noticed.get(one.sid, monotonic())
        if clock.now() - one.said_at < _SETTLED_AFTER and monotonic() - first < _NOTICED_FOR:
            return False
        try:
            take_in(self._services, clean(self._form(number, one)), one.said_at)
        except FormError as error:
            log.warning("missed message refused", provider_sid=one.sid, why=str(error))
        except _UNREACHABLE as error:
            log.warning("Twilio can't be asked for a file", provider_sid=one.sid, error=type(error).__name__)
            return False
        happened("missed")
        log.info("message taken in that had not reached us", provider_sid=one.sid)
        return True

    def _form(self, number: Watched, one: Received) -> dict[str, str]:
        """Return what the webhook would have said, as far as Twilio still knows it."""
        twilio = self._twilio(number)
        files = twilio.files_of(one.sid) if twilio is not None and one.files else []
        form = {"MessageSid": one.sid, "AccountSid": one.account_sid, "From": one.sender, "To": one.to}
        form |= {"Body": one.body, "NumMedia": str(len(files))}
        for place, (url, content_type) in enumerate(files):
            form |= {f"MediaUrl{place}": url, f"MediaContentType{place}": content_type}
        return form


@fails_in_one_line
def take_missed() -> None:
    """Take in what people wrote and Twilio could not bring us; what can't be looked at now is at the next time."""
    _net(os.getpid()).look()


@cache
def _net(_: int) -> Net:
    return Net(worker_services())


def _since(number: Watched) -> datetime:
    # A clock that was put back must not hide what came in since.
    now = clock.now()
    return min(number.listed_until or now - _FIRST_LOOK_BACK, now)


def _until(listing: Listing, waiting: list[Received]) -> datetime:
    """Return up to when all is known: up to the first that waits, or else to the newest that is listed."""
    if waiting:
        return waiting[0].said_at
    return listing.received[-1].said_at if listing.received else listing.since
