"""After the last blow: waits until everything is settled, or nothing moves any more."""

from collections.abc import Callable
from time import monotonic, sleep

import psycopg

from tests.chaos.house import House
from tests.chaos.money_books import money_left
from tests.chaos.plan import Size
from tests.chaos.rows import Pending, let_a_day_pass, let_minutes_pass, read_pending
from tests.chaos.talks import Talks
from tests.chaos.twilio import Twilio

_LOOK_EVERY = 1.0
# As long as nothing is under way, nobody waits for an answer: time may pass more quickly.
_STILL = 8.0


def settle(built: House, twilio: Twilio, talks: Talks, size: Size, tell: Callable[[Pending], None]) -> float:
    """Wait. Returns the seconds that it took."""
    began = changed = passed_at = monotonic()
    before: object = None
    passed = False
    while monotonic() - began < size.settle:
        pending = _pending(built)
        if pending is not None:
            tell(pending)
            idle = not (pending.unsettled or pending.unfolded or twilio.get("stats")["waiting"])
            money = _money(built)
            if (money or pending.unsettled) and monotonic() - max(changed, passed_at) > _STILL:
                let_minutes_pass(built.everything)
                passed_at = monotonic()
            if idle and not money and talks.over + pending.given_up >= size.conversations:
                if not pending.underway:
                    break
                if not passed:
                    let_a_day_pass(built.everything)
                    passed = True
            if before != (now := (pending, money, talks.asked, talks.over)):
                before, changed = now, monotonic()
        if monotonic() - changed > size.quiet:
            break
        sleep(_LOOK_EVERY)
    return monotonic() - began


def _pending(built: House) -> Pending | None:
    try:
        return read_pending(built.everything)
    except psycopg.OperationalError:
        return None


def _money(built: House) -> int:
    return money_left(built.everything, built.outside.gateway)
