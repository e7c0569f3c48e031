"""Subscriptions from a file, into periods with their history.

A subscription lives here: it is paused, resumed and stopped by its customer and by staff, and it expires by itself. The
file is what another system knew. So what a file said last is kept beside each subscription, and only where it says
something else now is the subscription set to that; a file that repeats itself undoes nothing. An `end_date` that is
left out is derived once, from the plan, and kept.
"""

from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from domain.businesses import Business
from domain.clock import now, today


class ChangedMeanwhile(RuntimeError):
    """Somebody changed a subscription while the file was compared with it."""


# Every row that is new or says something new, with what is known already. `end_day` is exclusive: as the file says; as
# it was, and later by a pause that the file ended; or as the plan says.
_TELL: Final = """
    CREATE TEMP TABLE told ON COMMIT DROP AS
    WITH compared AS (
        SELECT staged.*, customer.id AS customer_id, plan.id AS plan_id, plan.days, plan.price_minor,
               known.id AS known_id, known.version, known.period, known.status AS was, known.customer_id AS was_of,
               CAST(:today AS date) AS today, CAST(:zone AS text) AS zone, known.last_day,
               known.paused_on AS was_paused_on, known.ends AS was_ends,
               COALESCE(known.imported, '{{}}') AS imported,
               jsonb_build_object('start_date', staged.start_date, 'plan', plan.code) AS said_first,
               jsonb_build_object('status', staged.status, 'paused_on', staged.paused_on,
                                  'stopped_on', staged.stopped_on)
               || CASE WHEN end_date IS NULL THEN '{{}}' ELSE jsonb_build_object('end_date', end_date) END AS said
        FROM (SELECT id AS new_id, line, reference, account_no, plan AS plan_code, start_date, status, end_date,
                     paused_on, stopped_on, reason FROM staged_subscription) AS staged
        JOIN customer ON customer.account_no = staged.account_no
        JOIN plan ON plan.code = staged.plan_code
        LEFT JOIN (SELECT id, version, period, status, customer_id, last_day, paused_on, ends, reason, imported,
                          reference FROM subscription) AS known ON known.reference = staged.reference
    ), weighed AS (
        SELECT *, known_id IS NULL OR NOT imported @> said_first AS begins_anew,
               known_id IS NULL OR NOT imported @> (said_first || said) AS says_new
        FROM compared
    ), ended AS (
        SELECT *, CASE WHEN end_date IS NOT NULL THEN end_date + 1
                       WHEN begins_anew THEN start_date + days
                       WHEN was = 'paused' AND status = 'active' THEN last_day + 1 + (today - was_paused_on)
                       ELSE last_day + 1 END AS end_day
        FROM weighed
        WHERE says_new OR was_of <> customer_id {or_reason}
    )
    SELECT *, LEAST(GREATEST(end_day - start_date - days, 0),
                    GREATEST(COALESCE(paused_on, stopped_on, today) - start_date, 0),
                    end_day - start_date - 1)
              AS adjusted,
           CASE WHEN status = 'active' AND start_date > today THEN 'pending' ELSE status END AS becomes
    FROM ended
"""
_ONLY_FACTS: Final = """
    UPDATE subscription SET customer_id = told.customer_id, reason = {reason}, version = subscription.version + 1,
        imported = told.imported || {said_reason}
    FROM told WHERE subscription.id = told.known_id AND NOT told.says_new AND subscription.version = told.version
"""
# A pause that was open and that the file has ended, or dated otherwise, is one that was.
_END_PAUSES: Final = """
    INSERT INTO pause (id, created_at, business_id, subscription_id, period, number, previous, previous_ended_at,
                       began_at, ended_at, began, ended, cause, reason)
    SELECT gen_random_uuid(), :now, subscription.business_id, subscription.id, subscription.period, pauses + 1,
           NULLIF(pauses, 0), (SELECT ended_at FROM pause WHERE subscription_id = subscription.id AND number = pauses),
           paused_at, GREATEST(paused_at, told.today::timestamp AT TIME ZONE subscription.zone), paused_wall,
           GREATEST(paused_wall, told.today::timestamp), paused_cause, subscription.reason
    FROM told JOIN subscription ON subscription.id = told.known_id
    WHERE says_new AND was = 'paused' AND (told.status <> 'paused' OR told.paused_on <> was_paused_on)
"""
# A pause that has lasted as long as it may does not end on the day of the import: its customer is told a week before.
_TAKE: Final = """
    INSERT INTO subscription AS known (
        id, created_at, business_id, customer_id, plan_id, reference, status, zone, start_date, days_planned,
        days_adjusted, ends, price_minor, paused_at, paused_wall, paused_cause, resume_on, stopped_on, days_wasted,
        reason, imported)
    SELECT new_id, :now, :business_id, customer_id, plan_id, reference, becomes, zone, start_date,
           end_day - start_date - adjusted, adjusted, end_day, price_minor, paused_on::timestamp AT TIME ZONE zone,
           paused_on, CASE WHEN paused_on IS NOT NULL THEN 'asked' END,
           CASE WHEN paused_on IS NOT NULL THEN GREATEST(paused_on + CAST(:longest AS int), today + 7) END, stopped_on,
           CASE WHEN stopped_on IS NOT NULL
                THEN LEAST(GREATEST(end_day - 1 - stopped_on, 0), end_day - start_date - adjusted) END,
           reason, imported || said_first || said || {said_reason}
    FROM told WHERE says_new
    ON CONFLICT (business_id, reference) DO UPDATE SET
        customer_id = excluded.customer_id, plan_id = excluded.plan_id, status = excluded.status,
        start_date = excluded.start_date, days_planned = excluded.days_planned, days_adjusted = excluded.days_adjusted,
        ends = excluded.ends, price_minor = excluded.price_minor, paused_at = excluded.paused_at,
        paused_wall = excluded.paused_wall, paused_cause = excluded.paused_cause, resume_on = excluded.resume_on,
        stopped_on = excluded.stopped_on, days_wasted = excluded.days_wasted, reason = {reason},
        imported = excluded.imported, pause_from = NULL, pause_until = NULL, period = known.period + 1,
        pauses = (SELECT count(*) FROM pause WHERE subscription_id = known.id), version = known.version + 1
    WHERE known.version = (SELECT version FROM told WHERE told.known_id = known.id)
"""
_REMEMBER: Final = """
    INSERT INTO subscription_change (
        id, created_at, business_id, subscription_id, period, action, from_status, to_status, changed_at, days_before,
        days_after, ends_before, ends_after, changed_by_type, reason)
    SELECT gen_random_uuid(), :now, :business_id, subscription.id, subscription.period, 'import', was,
           subscription.status, :now,
           CASE WHEN was IN ('active', 'paused')
                THEN GREATEST(told.last_day - COALESCE(was_paused_on, told.today), 0) END,
           CASE WHEN subscription.status IN ('active', 'paused')
                THEN LEAST(GREATEST(subscription.last_day - COALESCE(subscription.paused_on, told.today), 0),
                           days_planned)
                WHEN subscription.status = 'pending' THEN days_planned ELSE 0 END,
           was_ends, ends, 'import', subscription.reason
    FROM told JOIN subscription ON subscription.reference = told.reference WHERE says_new
    ORDER BY line
"""
_COUNT: Final = """
    SELECT count(*) FILTER (WHERE known_id IS NULL), count(*) FILTER (WHERE known_id IS NOT NULL),
           count(*) FILTER (WHERE subscription.version = told.version)
    FROM told JOIN subscription ON subscription.reference = told.reference
"""


def merge_subscriptions(session: Session, header: list[str], business_id: UUID) -> tuple[int, int]:
    """Take the staged subscriptions in. Returns how many are new, and how many were changed.

    Raises ChangedMeanwhile, so that nothing is taken in.
    """
    business = session.get_one(Business, business_id)
    day = today(business.timezone)
    values = {
        "business_id": business_id,
        "now": now(),
        "today": day,
        "zone": business.timezone,
        "longest": business.pause_longest_days,
    }
    take, only_facts, tell = _statements("reason" in header)
    session.execute(text(tell), values)
    session.execute(text("ANALYZE told"))
    session.execute(text(only_facts))
    session.execute(text(_END_PAUSES), values)
    session.execute(text(take), values)
    session.execute(text(_REMEMBER), values)
    new, changed, unwritten = session.execute(text(_COUNT)).one()
    if unwritten:
        raise ChangedMeanwhile("a subscription was changed while the file was read; nothing was imported, try again")
    return new, changed


def _statements(has_reason: bool) -> tuple[str, str, str]:
    """Return the statements that speak of the reason, for a file that does or does not."""
    said = "jsonb_build_object('reason', reason)" if has_reason else "'{}'"
    known, excluded = ("excluded.reason",) * 2 if has_reason else ("known.reason", "subscription.reason")
    told = excluded.replace("excluded.", "told.")
    new_reason = "OR imported ->> 'reason' IS DISTINCT FROM reason" if has_reason else ""
    return (
        _TAKE.format(reason=known, said_reason=said),
        _ONLY_FACTS.format(reason=told, said_reason=said.replace("reason)", "told.reason)")),
        _TELL.format(or_reason=new_reason),
    )
