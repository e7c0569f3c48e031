"""After the last blow: waits until everything is settled, or nothing moves any more."""

from collections.abc import Callable
from time import monotonic, sleep

import psycopg

from tests.chaos.house import House
from tests.chaos.plan import Size
from tests.chaos.rows import Pending, read_pending
from tests.chaos.talks import Talks
from tests.chaos.twilio import Twilio
from tests.chaos.verdict import STRICT_STATUS

_LOOK_EVERY = 1.0


def settle(built: House, twilio: Twilio, talks: Talks, size: Size, tell: Callable[[Pending], None]) -> float:
    """Wait. Returns the seconds that it took."""
    began = changed = monotonic()
    before: object = None
    while monotonic() - began < size.settle:
        pending = _pending(built)
        if pending is not None:
            tell(pending)
            underway = STRICT_STATUS and pending.underway
            idle = not (pending.unsettled or pending.unfolded or underway or twilio.get("stats")["waiting"])
            if idle and talks.over + pending.given_up >= size.conversations:
                break
            if before != (now := (pending, talks.asked, talks.over)):
                before, changed = now, monotonic()
        if monotonic() - changed > size.quiet:
            break
        sleep(_LOOK_EVERY)
    return monotonic() - began


def _pending(built: House) -> Pending | None:
    try:
        return read_pending(built.postgres.superuser_url.rsplit("/", 1)[0] + "/raseed")
    except psycopg.OperationalError:
        return None
