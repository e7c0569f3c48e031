"""One period of a subscription, reckoned: pure, to the microsecond, on the wall's clock. Days are how it is shown.

A period ends at an instant, exclusive: at first the local midnight after its last planned day. A pause adds exactly
its own length to it. The period expires at the local midnight at or after its end, so at most one part of a day, once,
is given away. Every function takes a term and returns another; nothing here reads a clock or a database.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from domain.subscriptions.states import (
    ACTIVE,
    BEGIN,
    CANCEL,
    EXPIRE,
    EXPIRED,
    PAUSE,
    PAUSED,
    PENDING,
    REACTIVATE,
    RENEW,
    RESUME,
    SCHEDULE,
    STOP,
    STOPPED,
    UNSCHEDULE,
    state_after,
)
from domain.subscriptions.wall import DAY, Moment, beginning_of, midnight

_INSTANT: Final = timedelta(microseconds=1)
_ENDED: Final = frozenset({STOPPED, EXPIRED})


@dataclass(frozen=True, slots=True)
class Term:
    """One period, as it stands.

    `planned` days were sold. `adjusted` are days by which the end was moved other than by pauses (pauses of before an
    import). `ends` is the end on the wall, exclusive; while paused as it was when the pause began. `resume_on`: by
    itself at the beginning of that day. `pause_from` and `pause_until` are a pause that is planned. `wasted` days are
    what was left when it was stopped.
    """

    status: str
    start: date
    planned: int
    ends: datetime
    adjusted: int = 0
    paused: Moment | None = None
    resume_on: date | None = None
    pause_from: date | None = None
    pause_until: date | None = None
    stopped_on: date | None = None
    wasted: int | None = None

    @property
    def last_day(self) -> date:
        """The last day of service, inclusive; while paused, as if it were resumed at once."""
        return last_day_of(self.ends)

    @property
    def original_last_day(self) -> date:
        """The last day as it was planned."""
        return self.start + timedelta(days=self.planned - 1)

    @property
    def paused_time(self) -> timedelta:
        """How long it was paused, all its ended pauses together, and what they were taken to be before an import."""
        return self.ends - midnight(self.start) - timedelta(days=self.planned)


def last_day_of(ends: datetime) -> date:
    """Return the last day of service of what ends at `ends` on the wall, exclusive."""
    return (ends - _INSTANT).date()


def planned_term(start: date, days: int, today: date) -> Term:
    """Return a fresh period of `days` from the midnight of `start`: pending while that is ahead."""
    status = PENDING if start > today else ACTIVE
    return Term(status, start, days, midnight(start) + timedelta(days=days))


# What is used, and what is left


def used(term: Term, wall: datetime) -> timedelta:
    """Return how much of the planned time was used when the wall showed `wall`: what was not paused since the start."""
    at = term.paused.wall if term.paused else wall
    return min(max(at - midnight(term.start) - term.paused_time, timedelta()), timedelta(days=term.planned))


def remaining(term: Term, wall: datetime) -> timedelta:
    """Return how much of the planned time was left when the wall showed `wall`."""
    at = term.paused.wall if term.paused else max(wall, midnight(term.start))
    return max(term.ends - at, timedelta())


def days_remaining(term: Term, today: date) -> int:
    """Return the days after today that are left; while paused as on the day of the pause; none when it has ended."""
    if term.status == PENDING:
        return term.planned
    if term.status not in {ACTIVE, PAUSED}:
        return 0
    at = term.paused.day if term.paused else today
    return min(max((term.last_day - at).days, 0), term.planned)


def days_left(status: str, last_day: date, paused_on: date | None, today: date) -> int:
    """Return the same from what is stored of a subscription that has begun."""
    return max((last_day - (paused_on or today)).days, 0) if status in {ACTIVE, PAUSED} else 0


def days_used(term: Term, today: date) -> int:
    """Return the days of the planned ones that are used; a day on which something changes counts."""
    if term.wasted is not None:
        return term.planned - term.wasted
    return 0 if term.status not in {ACTIVE, PAUSED, EXPIRED} else term.planned - days_remaining(term, today)


def whole_days(length: timedelta) -> int:
    """Return the whole 24 hours in a length of wall-clock time."""
    return max(length // DAY, 0)


# What changes it. Each raises IllegalTransition.


def begin(term: Term) -> Term:
    """Let it begin."""
    return replace(term, status=state_after(term.status, BEGIN))


def pause(term: Term, now: Moment, resume_on: date) -> Term:
    """Pause it; it resumes by itself at the beginning of `resume_on`."""
    to = state_after(term.status, PAUSE)
    return replace(term, status=to, paused=now, resume_on=resume_on, pause_from=None, pause_until=None)


def resume(term: Term, now: Moment) -> Term:
    """Resume it: the end moves by exactly the length of the pause."""
    to = state_after(term.status, RESUME)
    return replace(term, status=to, ends=term.ends + pause_length(term, now.wall), paused=None, resume_on=None)


def pause_length(term: Term, wall: datetime) -> timedelta:
    """Return how long the open pause is when the wall shows `wall`; zero where there is none."""
    return wall - term.paused.wall if term.paused else timedelta()


def stop(term: Term, now: Moment) -> Term:
    """Stop it for good. What was left is wasted; of a paused one, what was left on the day of its pause."""
    to, wasted = state_after(term.status, STOP), days_remaining(term, now.day)
    ends = term.ends + pause_length(term, now.wall)
    return replace(_bare(term), status=to, ends=ends, stopped_on=now.day, wasted=wasted)


def expire(term: Term) -> Term:
    """Let it end."""
    return replace(_bare(term), status=state_after(term.status, EXPIRE))


def cancel(term: Term) -> Term:
    """Cancel it: it was a mistake."""
    return replace(_bare(term), status=state_after(term.status, CANCEL))


def reactivate(term: Term, start: date, days: int, today: date) -> Term:
    """Begin a fresh period of `days`, today or later."""
    state_after(term.status, REACTIVATE)
    return planned_term(start, days, today)


def renew(term: Term, days: int) -> Term:
    """Add `days` to what is planned."""
    to = state_after(term.status, RENEW)
    return replace(term, status=to, planned=term.planned + days, ends=term.ends + timedelta(days=days))


def schedule_pause(term: Term, start: date, until: date | None) -> Term:
    """Plan a pause from the beginning of the day `start`."""
    to = state_after(term.status, SCHEDULE)
    return replace(term, status=to, pause_from=start, pause_until=until)


def unschedule_pause(term: Term) -> Term:
    """Take back a planned pause."""
    to = state_after(term.status, UNSCHEDULE)
    return replace(term, status=to, pause_from=None, pause_until=None)


def _bare(term: Term) -> Term:
    return replace(term, paused=None, resume_on=None, pause_from=None, pause_until=None)


# What comes by itself


def due(term: Term, today: date, longest: int, zone: str) -> tuple[str, Term, Moment] | None:
    """Return the next change that time alone has brought by `today`: its action, the term after it, and when it was.

    Each belongs to the beginning of its day, however much later anybody looks. None: there is none (any more).
    """
    if term.status == PENDING and term.start <= today:
        return BEGIN, begin(term), beginning_of(term.start, zone)
    if term.status == ACTIVE and term.pause_from and term.pause_from <= min(today, term.last_day):
        at = beginning_of(term.pause_from, zone)
        return PAUSE, pause(term, at, resume_day(at.day, term.pause_until, longest)), at
    if term.status == PAUSED and term.resume_on and term.resume_on <= today:
        at = beginning_of(term.resume_on, zone)
        return RESUME, resume(term, at), at
    if term.status == ACTIVE and term.last_day < today:
        return EXPIRE, expire(term), beginning_of(term.last_day + DAY, zone)
    return None


def resume_day(paused_on: date, until: date | None, longest: int) -> date:
    """Return the day at whose beginning a pause ends by itself: as wished, and after `longest` days at the latest."""
    latest = paused_on + timedelta(days=longest)
    return min(until, latest) if until else latest
