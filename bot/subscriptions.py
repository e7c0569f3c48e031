"""Tells customers of their subscriptions what others, or time, have changed, and what is to come."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final

from bot.channels.approved import text_of
from bot.channels.twilio_accounts import Accounts
from bot.saying import NoWay, Recipient, in_words, letter
from domain.door import Visit
from domain.money import Money
from domain.speaking import speak
from domain.subscriptions.history import Change
from domain.subscriptions.holding import Holding, NoSuchSubscription, look_at_holding
from domain.subscriptions.notices import (
    ENDS_SOON,
    LONG_PAUSE,
    OVERDUE_PAUSE,
    RESUMES_SOON,
    RESUMES_TOMORROW,
    Notice,
    settle_notices,
    take_notices,
)
from domain.subscriptions.states import ACTIVE, BEGIN, EXPIRE, EXPIRED, PAUSE, PAUSED, RESUME
from domain.subscriptions.wall import instant_of, moment_of
from flows.reply import reply
from locales.text import Code, Name, Text, Value, text

# What is said of our own accord is said by day. It waits in the outbox until then.
_MORNING, _EVENING = time(9), time(20)
_BATCH: Final = 100
# In which state a notice still tells something.
_STILL: Final[Mapping[str, str]] = {
    PAUSE: PAUSED,
    OVERDUE_PAUSE: PAUSED,
    LONG_PAUSE: PAUSED,
    RESUMES_SOON: PAUSED,
    RESUMES_TOMORROW: PAUSED,
    RESUME: ACTIVE,
    ENDS_SOON: ACTIVE,
    EXPIRE: EXPIRED,
}


@dataclass(frozen=True, slots=True)
class _Listener:
    phone: str | None
    language: str
    plan_en: str
    plan_ar: str


_LISTENER: Final = """
    SELECT customer.phone, COALESCE(customer.language, business.language), plan.name_en, plan.name_ar
    FROM customer JOIN business ON business.id = customer.business_id, plan
    WHERE customer.id = %(customer_id)s AND plan.id = %(plan_id)s
"""


def tell_of_change(visit: Visit, accounts: Accounts, change: Change) -> None:
    """Tell a customer what staff has done with a subscription. Whoever commits rings the bell of notices then."""
    if change.action != BEGIN:
        held = change.after
        back = text("refund.wallet", amount=Money(change.refund_minor, held.currency)) if change.refund_minor else None
        _tell(visit, accounts, held, change.action, None, back)


def tell_waiting(visit: Visit, accounts: Accounts, at: datetime) -> int:
    """Tell a batch of what waits to be told, if it still tells something. Returns how many there were."""
    taken = take_notices(visit, _BATCH)
    settle_notices(visit, taken, [one.id for one in taken if _tell_one(visit, accounts, one, at)])
    return len(taken)


def _tell_one(visit: Visit, accounts: Accounts, notice: Notice, at: datetime) -> bool:
    with suppress(NoSuchSubscription):
        held = look_at_holding(visit, notice.business_id, notice.subscription_id)
        if _still_tells(held, notice):
            return _tell(visit, accounts, held, notice.kind, by_day(at, held.zone))
    return False


def _still_tells(held: Holding, notice: Notice) -> bool:
    term = held.term
    if term.status != _STILL[notice.kind]:
        return False
    if notice.kind in {RESUMES_SOON, RESUMES_TOMORROW}:
        return term.resume_on == notice.about
    return notice.kind != ENDS_SOON or term.last_day == notice.about


def by_day(at: datetime, zone: str) -> datetime:
    """Return when something may be said of our own accord: now, or in the morning that comes."""
    wall = moment_of(at, zone).wall
    if _MORNING <= wall.time() < _EVENING:
        return at
    day = wall.date() if wall.time() < _MORNING else wall.date() + timedelta(days=1)
    return instant_of(datetime.combine(day, _MORNING), zone)


def _tell(
    visit: Visit, accounts: Accounts, held: Holding, kind: str, due_at: datetime | None, more: Text | None = None
) -> bool:
    listener = _Listener(*visit.ask(_LISTENER, {"customer_id": held.customer_id, "plan_id": held.plan_id})[0])
    if listener.phone is None:
        return False
    name = template_of(kind, held)
    said = text_of(name, **_values(held, listener))
    saying = in_words("notice", reply(said, *((more,) if more else ())), (name, said), held.customer_id)
    try:
        written = letter(
            visit, accounts, Recipient(held.business_id, listener.phone, listener.language), saying
        )  # fmt: skip
    except NoWay:
        return False
    speak(visit, held.business_id, [replace(written, due_at=due_at)])
    return True


def template_of(kind: str, held: Holding) -> str:
    """Return the template that tells something of a subscription."""
    if kind in {RESUMES_SOON, RESUMES_TOMORROW}:
        return "subscription_resumes"
    if kind in {PAUSE, LONG_PAUSE} and held.term.resume_on is None:
        return f"subscription_{OVERDUE_PAUSE}"
    return f"subscription_{kind}"


def _values(held: Holding, listener: _Listener) -> dict[str, Value]:
    term = held.term
    plan = listener.plan_ar if listener.language == "ar" else listener.plan_en
    days: dict[str, date | None] = {
        "last_day": term.last_day,
        "paused_on": term.paused.day if term.paused else None,
        "resumes": term.resume_on,
        "stopped_on": term.stopped_on,
        "begins": term.pause_from or term.start,
    }
    return {"plan": Name(plan), "reference": Code(held.reference), **{name: day for name, day in days.items() if day}}
