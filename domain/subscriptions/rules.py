"""The rules of a business for pauses, and why something that the machine allows is refused all the same."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from domain.door import Visit
from domain.invoices import OPEN_STATUSES
from domain.subscriptions.term import Term, remaining
from domain.subscriptions.wall import Moment, midnight

PAST, AFTER_END, NOTHING_LEFT, PLANNED_ALREADY = "in_the_past", "after_the_end", "nothing_left", "already_scheduled"
NOT_PLANNED, TOO_SHORT, TOO_LONG = "not_scheduled", "pause_too_short", "pause_too_long"
TOO_MANY, OVERDUE_INVOICE = "too_many_pauses", "overdue_invoice"
WALLET_TOO_LITTLE: Final = "wallet_too_little"
# What staff may wave aside, with a reason.
LIMITS: Final = frozenset({TOO_SHORT, TOO_LONG, TOO_MANY, OVERDUE_INVOICE})


@dataclass(frozen=True, slots=True)
class Rules:
    """The longest and the shortest pause in days, how many a period may have, and what an overdue invoice means.

    `refund_on_stop`: what wasted days cost is given back. `overdue_pause_days`: so long overdue pauses by itself; None:
    never. A pause that has gone on for `long_pause_notice_days` is called to mind, again and again. The end is told
    `renewal_offer_days` before, 0: not at all.
    """

    longest_days: int = 90
    shortest_days: int = 1
    per_period: int = 3
    when_overdue: bool = False
    refund_on_stop: bool = False
    overdue_pause_days: int | None = None
    long_pause_notice_days: int = 30
    renewal_offer_days: int = 3


@dataclass(frozen=True, slots=True)
class Wish:
    """A pause that somebody wishes for: from the beginning of a day (None: from now on), until that of another."""

    start: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """What counts against a pause: how many there were in this period, and how many invoices are overdue."""

    pauses: int = 0
    overdue_invoices: int = 0


@dataclass(eq=False)
class Refused(Exception):
    """It can't be done. `code` says why, `limit` is the rule's figure, `possible_on` the day from which it could be.

    Where `possible_on` is None it depends on something else than time: on what is paid, or on another wish.
    """

    code: str
    limit: int | None = None
    possible_on: date | None = None

    def __str__(self) -> str:
        return _DETAILS[self.code].format(limit=self.limit, possible_on=self.possible_on)


_DETAILS: Final = {
    PAST: "a pause can't begin in the past; today, {possible_on}, is the earliest day",
    AFTER_END: "the pause would begin after the last day of service",
    NOTHING_LEFT: "nothing is left of this period; it can be paused again once it is renewed",
    PLANNED_ALREADY: "a pause is planned already; take that back first",
    NOT_PLANNED: "no pause is planned",
    TOO_SHORT: "a pause lasts {limit} days at least; this one could end on {possible_on}",
    TOO_LONG: "a pause lasts {limit} days at most; this one could end on {possible_on}",
    TOO_MANY: "there may be {limit} pauses in a period; more are possible in the next one",
    OVERDUE_INVOICE: "an invoice is overdue; it can be paused once that is paid",
    WALLET_TOO_LITTLE: "the wallet has less than the plan costs",
}


def check_pause(term: Term, now: Moment, wish: Wish, rules: Rules, past: Past) -> None:
    """Refuse a pause that can't be, and then one that the rules don't allow. Raises Refused."""
    start = wish.start or now.day
    if start < now.day:
        raise Refused(PAST, possible_on=now.day)
    if term.pause_from is not None:
        raise Refused(PLANNED_ALREADY)
    if start > term.last_day:
        raise Refused(AFTER_END)
    if not remaining(term, max(midnight(start), now.wall)):
        raise Refused(NOTHING_LEFT)
    _check_length(start, wish.until, rules)
    if past.overdue_invoices and not rules.when_overdue:
        raise Refused(OVERDUE_INVOICE)
    if past.pauses >= rules.per_period:
        raise Refused(TOO_MANY, rules.per_period)


def _check_length(start: date, until: date | None, rules: Rules) -> None:
    shortest, longest = (start + timedelta(days=days) for days in (rules.shortest_days, rules.longest_days))
    if until is not None and until < shortest:
        raise Refused(TOO_SHORT, rules.shortest_days, shortest)
    if until is not None and until > longest:
        raise Refused(TOO_LONG, rules.longest_days, longest)


_RULES: Final = """
    SELECT pause_longest_days, pause_shortest_days, pauses_per_period, pause_when_overdue, refund_on_stop,
           overdue_pause_days, long_pause_notice_days, renewal_offer_days
    FROM business WHERE id = %(business_id)s
"""
_PAST: Final = """
    SELECT (SELECT count(*) FROM pause JOIN subscription ON subscription.id = subscription_id
            WHERE subscription_id = %(id)s AND pause.period = subscription.period AND cause = 'asked'),
           (SELECT count(*) FROM invoice WHERE customer_id = %(customer_id)s AND status = ANY(%(open)s)
            AND due_date < %(today)s)
"""


def rules_of(visit: Visit, business_id: UUID) -> Rules:
    """Return the rules of a business."""
    (row,) = visit.ask(_RULES, {"business_id": business_id})
    return Rules(*row)


def past_of(visit: Visit, subscription_id: UUID, customer_id: UUID, today: date) -> Past:
    """Return what counts against a pause of a subscription."""
    values: dict[str, Any] = {"id": subscription_id, "customer_id": customer_id, "today": today}
    (row,) = visit.ask(_PAST, {**values, "open": list(OPEN_STATUSES)})
    return Past(*row)
