"""What may be done with a subscription: each locks it, lets come what time has brought, changes it, and writes it down.

Two at the same time come one after the other, whether from a chat or from staff: the second finds the subscription as
the first left it, and is refused. Nothing here commits; whoever calls does.
"""

from dataclasses import replace
from datetime import date
from typing import Final
from uuid import UUID

from domain import clock
from domain.door import Visit
from domain.subscriptions import term as terms
from domain.subscriptions.history import BY_ITSELF, NO_WORDS, By, Change, Why, remember
from domain.subscriptions.holding import Holding, lock_holding, save_holding
from domain.subscriptions.notices import note
from domain.subscriptions.refunding import give_back
from domain.subscriptions.rules import (
    LIMITS,
    NOT_PLANNED,
    OVERDUE_INVOICE,
    PAST,
    Refused,
    Rules,
    Wish,
    check_pause,
    past_of,
    rules_of,
)
from domain.subscriptions.states import (
    CANCEL,
    PAUSE,
    REACTIVATE,
    RENEW,
    RESUME,
    SCHEDULE,
    STOP,
    UNSCHEDULE,
    may,
    state_after,
)
from domain.subscriptions.tables import ASKED, OVERDUE
from domain.subscriptions.term import Term
from domain.subscriptions.wall import Moment, midnight, moment_of

_PLAN: Final = "SELECT days, price_minor FROM plan WHERE id = %(plan_id)s"
_PAUSED_FOR_MONEY: Final = """
    SELECT id FROM subscription
    WHERE business_id = %(business_id)s AND customer_id = %(customer_id)s AND paused_cause = 'overdue' ORDER BY id
"""


def pause(visit: Visit, business_id: UUID, subscription_id: UUID, wish: Wish, by: By, why: Why = NO_WORDS) -> Change:
    """Pause a subscription at once, or plan it for a day ahead. With `why.override` limits are waved aside.

    Raises NoSuchSubscription, IllegalTransition and Refused.
    """
    held, now, rules = open_holding(visit, business_id, subscription_id)
    later = wish.start is not None and wish.start > now.day
    state_after(held.term.status, SCHEDULE if later else PAUSE)
    _check(visit, held, now, wish, rules, why)
    if later and wish.start is not None:
        after = terms.schedule_pause(held.term, wish.start, wish.until)
        return _change(visit, held, SCHEDULE, replace(held, term=after, reason=why.reason), now, by, why)
    longest = _longest(rules, now, wish, why)
    after = terms.pause(held.term, now, terms.resume_day(now.day, wish.until, longest))
    return _change(visit, held, PAUSE, replace(held, term=after, cause=ASKED, reason=why.reason), now, by, why)


def unschedule_pause(visit: Visit, business_id: UUID, subscription_id: UUID, by: By, why: Why = NO_WORDS) -> Change:
    """Take back a pause that is planned. Raises NoSuchSubscription, IllegalTransition and Refused."""
    held, now, _ = open_holding(visit, business_id, subscription_id)
    after = terms.unschedule_pause(held.term)
    if held.term.pause_from is None:
        raise Refused(NOT_PLANNED)
    return _change(visit, held, UNSCHEDULE, replace(held, term=after, reason=None), now, by, why)


def resume(visit: Visit, business_id: UUID, subscription_id: UUID, by: By, why: Why = NO_WORDS) -> Change:
    """Resume a subscription.

    Raises NoSuchSubscription, IllegalTransition, and Refused where it was paused for money that is still owed.
    """
    held, now, rules = open_holding(visit, business_id, subscription_id)
    after = terms.resume(held.term, now)
    if held.cause == OVERDUE and why.override is None and _owes(visit, held, now) and not rules.when_overdue:
        raise Refused(OVERDUE_INVOICE)
    return _change(visit, held, RESUME, replace(held, term=after, pauses=held.pauses + 1, reason=None), now, by, why)


def stop(
    visit: Visit, business_id: UUID, subscription_id: UUID, by: By, why: Why, *, refund: bool | None = None
) -> Change:
    """Stop a subscription for good. `refund` overrules whether what the wasted days cost goes back into the wallet.

    Raises NoSuchSubscription and IllegalTransition.
    """
    held, now, rules = open_holding(visit, business_id, subscription_id)
    after = terms.stop(held.term, now)
    pauses = held.pauses + (1 if held.term.paused else 0)
    wasted = cost_of(held, after.wasted or 0)
    back = wasted if (rules.refund_on_stop if refund is None else refund) else 0
    change = Change(STOP, held, replace(held, term=after, pauses=pauses, reason=why.reason), now, wasted, back)
    return _write(visit, change, by, why)


def reactivate(
    visit: Visit, business_id: UUID, subscription_id: UUID, by: By, start: date | None = None, why: Why = NO_WORDS
) -> Change:
    """Begin a full fresh period on the same plan, today or on a day ahead.

    Raises NoSuchSubscription, IllegalTransition and Refused.
    """
    held, now, _ = open_holding(visit, business_id, subscription_id)
    return _write(visit, _reactivated(visit, held, now, start), by, why)


def renew(
    visit: Visit, business_id: UUID, subscription_id: UUID, by: By, why: Why = NO_WORDS, invoice_id: UUID | None = None
) -> Change:
    """Add what its plan has once more, as whoever takes the payment asks: to what runs, or as a fresh period.

    Raises NoSuchSubscription, and IllegalTransition where it was cancelled.
    """
    held, now, _ = open_holding(visit, business_id, subscription_id)
    if not may(held.term.status, RENEW):
        return _write(visit, replace(_reactivated(visit, held, now, None), invoice_id=invoice_id), by, why)
    days, price = visit.ask(_PLAN, {"plan_id": held.plan_id})[0]
    after = replace(held, term=terms.renew(held.term, days), price_minor=held.price_minor + price)
    return _write(visit, Change(RENEW, held, after, now, invoice_id=invoice_id), by, why)


def cancel(visit: Visit, business_id: UUID, subscription_id: UUID, by: By, why: Why) -> Change:
    """Cancel what was a mistake. Raises NoSuchSubscription and IllegalTransition."""
    held, now, _ = open_holding(visit, business_id, subscription_id)
    return _change(visit, held, CANCEL, replace(held, term=terms.cancel(held.term), reason=why.reason), now, by, why)


def payment_came(visit: Visit, business_id: UUID, customer_id: UUID) -> list[Change]:
    """Resume what was paused because the customer was overdue, once they are not: to be called by who posts payments.

    Must be called in the payment's own transaction, after the invoices say that they are paid.
    """
    changes = []
    for (one,) in visit.ask(_PAUSED_FOR_MONEY, {"business_id": business_id, "customer_id": customer_id}):
        held, now, _ = open_holding(visit, business_id, one)
        if held.term.paused and held.cause == OVERDUE and not _owes(visit, held, now):
            after = replace(held, term=terms.resume(held.term, now), pauses=held.pauses + 1, reason=None)
            changes.append(_change(visit, held, RESUME, after, now, BY_ITSELF, NO_WORDS))
            note(visit, after, RESUME, now.day)
    return changes


def open_holding(visit: Visit, business_id: UUID, subscription_id: UUID) -> tuple[Holding, Moment, Rules]:
    """Lock a subscription and let come what time has brought it. Returns it, now, and the rules.

    Raises NoSuchSubscription.
    """
    held, rules = lock_holding(visit, business_id, subscription_id), rules_of(visit, business_id)
    now = moment_of(clock.now(), held.zone)
    while (found := terms.due(held.term, now.day, rules.longest_days, held.zone)) is not None:
        action, after, at = found
        pauses = held.pauses + (1 if action == RESUME else 0)
        cause = ASKED if action == PAUSE else held.cause
        held = _change(visit, held, action, replace(held, term=after, pauses=pauses, cause=cause), at, BY_ITSELF,
                       NO_WORDS).after  # fmt: skip
        note(visit, held, action, at.day)
    return held, now, rules


def as_of_today(held: Holding, now: Moment, rules: Rules) -> Holding:
    """Return a subscription with what time has brought it, though nobody has written that down yet."""
    while (found := terms.due(held.term, now.day, rules.longest_days, held.zone)) is not None:
        held = held.with_term(found[1])
    return held


def cost_of(held: Holding, days: int) -> int:
    """Return what `days` of the planned ones cost, in minor units, rounded half-up."""
    return (2 * days * held.price_minor + held.term.planned) // (2 * held.term.planned)


def after_pause(term: Term, now: Moment, wish: Wish) -> date | None:
    """Return what the last day of service is after a pause as wished; None where the pause has no end yet."""
    if wish.until is None:
        return None
    began = now.wall if wish.start is None or wish.start <= now.day else midnight(wish.start)
    return terms.last_day_of(term.ends + (midnight(wish.until) - began))


def _reactivated(visit: Visit, held: Holding, now: Moment, start: date | None) -> Change:
    days, price = visit.ask(_PLAN, {"plan_id": held.plan_id})[0]
    fresh = terms.reactivate(held.term, start or now.day, days, now.day)
    if fresh.start < now.day:
        raise Refused(PAST, possible_on=now.day)
    after = replace(held, term=fresh, period=held.period + 1, price_minor=price, reason=None)
    return Change(REACTIVATE, held, after, now)


def _check(visit: Visit, held: Holding, now: Moment, wish: Wish, rules: Rules, why: Why) -> None:
    try:
        check_pause(held.term, now, wish, rules, past_of(visit, held.id, held.customer_id, now.day))
    except Refused as refusal:
        if refusal.code not in LIMITS or why.override is None:
            raise


def _longest(rules: Rules, now: Moment, wish: Wish, why: Why) -> int:
    """Return how long a pause may be that was allowed: one that staff insisted on, as long as they said."""
    wished = (wish.until - now.day).days if wish.until and why.override else 0
    return max(rules.longest_days, wished)


def _owes(visit: Visit, held: Holding, now: Moment) -> bool:
    return past_of(visit, held.id, held.customer_id, now.day).overdue_invoices > 0


def _change(visit: Visit, held: Holding, action: str, after: Holding, at: Moment, by: By, why: Why) -> Change:
    return _write(visit, Change(action, held, after, at), by, why)


def _write(visit: Visit, change: Change, by: By, why: Why) -> Change:
    give_back(visit, change, remember(visit, change, by, why))
    save_holding(visit, change.after)
    return replace(change, after=replace(change.after, version=change.after.version + 1))
