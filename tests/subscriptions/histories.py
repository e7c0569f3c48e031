"""Random histories of a subscription, and what must be true of them at every instant.

The service's reckoning is held against a ledger kept here, which knows nothing of it: each stretch of time is either
active or not, and its length on the wall is added up.
"""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from domain.subscriptions import term as terms
from domain.subscriptions.states import PAUSE, REACTIVATE, RENEW, RESUME, SCHEDULE, STOP, may
from domain.subscriptions.term import Term, days_remaining, days_used, due, planned_term, remaining, used
from domain.subscriptions.wall import Moment, midnight, moment_of

ZONES: Final = ("Asia/Riyadh", "Africa/Cairo", "Asia/Aden")
LONGEST: Final = 90
NOTHING: Final = timedelta()
DAY: Final = timedelta(days=1)
# Cairo's clocks go forward on the last Friday of April, back on the last Thursday of October.
NEAR: Final = tuple(
    datetime.fromisoformat(f"{day}T21:00:00+00:00")
    for day in ("2026-04-23", "2026-10-29", "2027-04-29", "2027-10-28", "2026-12-31", "2028-02-28")
)


@dataclass
class History:
    """One subscription, lived through. `active` is the time on the wall in which it was served, this period."""

    zone: str
    now: Moment
    days: int
    term: Term
    active: timedelta = NOTHING
    told: list[str] = field(default_factory=list)

    def live_until(self, at: datetime) -> None:
        """Let time pass, with all that it brings by itself."""
        later = moment_of(max(at, self.now.at), self.zone)
        while (found := due(self.term, later.day, LONGEST, self.zone)) is not None:
            action, after, when = found
            self._pass(when)
            self._note(action, when)
            self.term = after
            self.check()
        self._pass(later)
        self.check()

    def do(self, action: str) -> bool:
        """Do something now, if it is possible. Tells whether it was."""
        if not may(self.term.status, action):
            return False
        before = self.active, remaining(self.term, self.now.wall), days_remaining(self.term, self.now.day)
        if action == PAUSE and not before[1]:
            return False
        self.term = self._done(action)
        self._note(action, self.now)
        if action in {PAUSE, RESUME}:
            assert (self.active, remaining(self.term, self.now.wall)) == before[:2], self.told
            # Days are how it is shown: a part of a day counts as one, so the figure may round otherwise than before.
            assert abs(days_remaining(self.term, self.now.day) - before[2]) <= 1, self.told
        if action == STOP:
            assert self.term.wasted == before[2], self.told
            assert days_used(self.term, self.now.day) + before[2] == self.term.planned
        self.check()
        return True

    def check(self) -> None:
        """What must be true at every instant."""
        term, wall = self.term, self.now.wall
        assert days_used(term, self.now.day) + days_remaining(term, self.now.day) == term.planned or term.status in {
            "stopped", "pending",
        }, self.told  # fmt: skip
        if term.status in {"active", "paused"}:
            planned = timedelta(days=term.planned)
            assert used(term, wall) + remaining(term, wall) == planned, self.told
            assert used(term, wall) == min(self.active, planned), (self.told, used(term, wall), self.active)
        if term.status == "expired":
            given = self.active - timedelta(days=term.planned)
            assert NOTHING <= given < DAY, (self.told, given)

    def _done(self, action: str) -> Term:
        if action == PAUSE:
            return terms.pause(self.term, self.now, terms.resume_day(self.now.day, None, LONGEST))
        if action == RESUME:
            return terms.resume(self.term, self.now)
        if action == STOP:
            return terms.stop(self.term, self.now)
        if action == SCHEDULE:
            return terms.schedule_pause(self.term, self.now.day + 2 * DAY, self.now.day + 5 * DAY)
        if action == RENEW:
            return terms.renew(self.term, self.days)
        fresh = terms.reactivate(self.term, self.now.day, self.days, self.now.day)
        self.active = self.now.wall - midnight(fresh.start)  # its first day counts from its beginning
        return fresh

    def _pass(self, to: Moment) -> None:
        if self.term.status == "active":
            self.active += to.wall - self.now.wall
        self.now = to

    def _note(self, action: str, at: Moment) -> None:
        self.told.append(f"{action} at {at.wall} ({self.zone})")


def random_history(seed: int, steps: int = 24) -> History:
    """Live through a random history, and check it at every step. The same seed is the same history."""
    dice = random.Random(seed)
    zone = dice.choice(ZONES)
    began = dice.choice(NEAR) + timedelta(seconds=dice.randint(-40 * 86400, 40 * 86400))
    now, days = moment_of(began.astimezone(UTC), zone), dice.choice((1, 2, 7, 30, 90))
    history = History(zone, now, days, planned_term(now.day, days, now.day))
    history.active = now.wall - midnight(now.day)
    history.check()
    for _ in range(dice.randint(1, steps)):
        history.live_until(history.now.at + wait(dice))
        history.do(dice.choices((PAUSE, RESUME, STOP, REACTIVATE, RENEW, SCHEDULE), (40, 40, 2, 15, 3, 8))[0])
    history.live_until(history.now.at + timedelta(days=400))
    return history


def wait(dice: random.Random) -> timedelta:
    """Return how long somebody waits: seconds, hours or weeks, and now and then until the clocks are changed."""
    most = dice.choice((0, 90, 3600, 86400, 3 * 86400, 40 * 86400))
    return timedelta(seconds=dice.randint(0, most), microseconds=dice.choice((0, 0, 1, 999_999)))
