"""What time brings to all subscriptions at once: sets of rows, each with its history, a batch at a time.

They say the same as domain.subscriptions.term.due, for rows (a test holds the two together). Whatever belongs to the
beginning of a day belongs to it however late this runs, so it catches up after an outage; what was done is no longer
due, so it may run twice, or in two places at once: rows that somebody else holds are left to them.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from domain.clock import now
from domain.door import Visit
from domain.dunning.stopping import WITHOUT_PLAN
from domain.invoices import OPEN_STATUSES
from domain.subscriptions.wall import moment_of

# As many rows as are held at once: well below a second's work.
BATCH: Final = 5000
_ZONES: Final = "SELECT DISTINCT zone FROM subscription"


@dataclass(frozen=True, slots=True)
class Places:
    """The time zones in which subscriptions are reckoned, and what the wall shows in each of them."""

    at: datetime
    zones: list[str]
    walls: list[datetime]
    latest: date

    @property
    def values(self) -> dict[str, Any]:
        """Return them as the statements want them."""
        return {"now": self.at, "zones": self.zones, "walls": self.walls, "latest": self.latest, "most": BATCH}


def places(visit: Visit) -> Places:
    """Return the zones that there are, and their time now."""
    at = now()
    zones = [zone for (zone,) in visit.ask(_ZONES, {})]
    walls = [moment_of(at, zone).wall for zone in zones]
    return Places(at, zones, walls, max((wall.date() for wall in walls), default=at.date()))


_PLACE: Final = """
    (SELECT place.*, wall::date AS today
     FROM unnest(%(zones)s::text[], %(walls)s::timestamp[]) AS place (zone, wall)) AS place
"""
_HISTORY: Final = """
    INSERT INTO subscription_change (
        id, created_at, business_id, subscription_id, period, action, from_status, to_status, changed_at, days_before,
        days_after, ends_before, ends_after, pause_days, changed_by_type)
"""
# Whoever hears of what lies days back is told nothing that still matters.
_NOTICE: Final = """
    INSERT INTO subscription_notice (id, created_at, business_id, subscription_id, kind, about)
    SELECT gen_random_uuid(), %(now)s, business_id, id, kind, about FROM heard WHERE about >= %(latest)s - 7
    ON CONFLICT DO NOTHING
"""

BEGIN_DUE: Final = f"""
    WITH due AS MATERIALIZED (
        SELECT subscription.id FROM subscription JOIN {_PLACE} ON place.zone = subscription.zone
        WHERE status = 'pending' AND start_date <= %(latest)s AND start_date <= today
        LIMIT %(most)s FOR NO KEY UPDATE OF subscription SKIP LOCKED
    ), changed AS (
        UPDATE subscription SET status = 'active', version = version + 1
        FROM due WHERE subscription.id = due.id RETURNING subscription.*
    )
    {_HISTORY}
    SELECT gen_random_uuid(), %(now)s, business_id, id, period, 'begin', 'pending', 'active',
           start_date::timestamp AT TIME ZONE zone, days_planned, LEAST(last_day - start_date, days_planned), ends,
           ends, NULL, 'system'
    FROM changed RETURNING 1
"""  # noqa: S608  names of our own
PAUSE_DUE: Final = f"""
    WITH due AS MATERIALIZED (
        SELECT subscription.id, pause_longest_days, pause_from AS since, pause_until AS until
        FROM subscription JOIN {_PLACE} ON place.zone = subscription.zone
        JOIN business ON business.id = business_id
        WHERE status = 'active' AND pause_from IS NOT NULL AND pause_from <= LEAST(today, last_day)
        LIMIT %(most)s FOR NO KEY UPDATE OF subscription SKIP LOCKED
    ), changed AS (
        UPDATE subscription SET status = 'paused', paused_at = since::timestamp AT TIME ZONE zone, paused_wall = since,
            paused_cause = 'asked', resume_on = LEAST(until, since + pause_longest_days), pause_from = NULL,
            pause_until = NULL, version = version + 1
        FROM due WHERE subscription.id = due.id RETURNING subscription.*
    ), heard AS (
        SELECT id, business_id, 'pause' AS kind, paused_wall::date AS about FROM changed
    ), noted AS ({_NOTICE})
    {_HISTORY}
    SELECT gen_random_uuid(), %(now)s, business_id, id, period, 'pause', 'active', 'paused', paused_at,
           LEAST(last_day - paused_on, days_planned), LEAST(last_day - paused_on, days_planned), ends, ends, NULL,
           'system'
    FROM changed RETURNING 1
"""  # noqa: S608  names of our own
RESUME_DUE: Final = f"""
    WITH due AS MATERIALIZED (
        SELECT subscription.id, paused_at AS began_at, paused_wall AS began, paused_cause AS cause, reason AS why,
               ends AS ended_before, last_day - paused_on AS days_kept, resume_on AS since,
               GREATEST(resume_on::timestamp AT TIME ZONE subscription.zone, paused_at) AS resumed_at
        FROM subscription JOIN {_PLACE} ON place.zone = subscription.zone
        WHERE status = 'paused' AND resume_on IS NOT NULL AND resume_on <= %(latest)s AND resume_on <= today
        LIMIT %(most)s FOR NO KEY UPDATE OF subscription SKIP LOCKED
    ), changed AS (
        UPDATE subscription SET status = 'active', ends = ends + (since::timestamp - began), paused_at = NULL,
            paused_wall = NULL, paused_cause = NULL, resume_on = NULL, reason = NULL, pauses = pauses + 1,
            version = version + 1
        FROM due WHERE subscription.id = due.id RETURNING subscription.*,
            began_at, began, cause, why, ended_before, days_kept, since, resumed_at
    ), ended AS (
        INSERT INTO pause (id, created_at, business_id, subscription_id, period, number, previous, previous_ended_at,
                           began_at, ended_at, began, ended, cause, reason)
        SELECT gen_random_uuid(), %(now)s, business_id, subscription_id, period, number, before.number_before,
               (SELECT ended_at FROM pause WHERE pause.subscription_id = before.subscription_id
                AND number = before.number_before),
               began_at, resumed_at, began, since, cause, why
        FROM (SELECT business_id, changed.id AS subscription_id, period, pauses AS number,
                     NULLIF(pauses - 1, 0) AS number_before, began_at, resumed_at, began, since, cause, why
              FROM changed) AS before
    ), heard AS (
        SELECT id, business_id, 'resume' AS kind, since AS about FROM changed
    ), noted AS ({_NOTICE})
    {_HISTORY}
    SELECT gen_random_uuid(), %(now)s, business_id, id, period, 'resume', 'paused', 'active', resumed_at,
           LEAST(GREATEST(days_kept, 0), days_planned), LEAST(GREATEST(last_day - since, 0), days_planned),
           ended_before, ends, GREATEST(floor(extract(epoch FROM since - began) / 86400), 0), 'system'
    FROM changed RETURNING 1
"""  # noqa: S608  names of our own
EXPIRE_DUE: Final = f"""
    WITH due AS MATERIALIZED (
        SELECT subscription.id FROM subscription JOIN {_PLACE} ON place.zone = subscription.zone
        WHERE status = 'active' AND last_day < %(latest)s AND last_day < today
          AND (pause_from IS NULL OR pause_from > last_day)
        LIMIT %(most)s FOR NO KEY UPDATE OF subscription SKIP LOCKED
    ), changed AS (
        UPDATE subscription SET status = 'expired', pause_from = NULL, pause_until = NULL, version = version + 1
        FROM due WHERE subscription.id = due.id RETURNING subscription.*
    ), heard AS (
        SELECT id, business_id, 'expire' AS kind, last_day + 1 AS about FROM changed
    ), noted AS ({_NOTICE})
    {_HISTORY}
    SELECT gen_random_uuid(), %(now)s, business_id, id, period, 'expire', 'active', 'expired',
           (last_day + 1)::timestamp AT TIME ZONE zone, 0, 0, ends, ends, NULL, 'system'
    FROM changed RETURNING 1
"""  # noqa: S608  names of our own
# Where the business wants it, and never for those whom it must not cut off, nor for what is paid in instalments. It
# lasts until they pay; where staff has resumed it all the same, they have as long again.
OVERDUE_DUE: Final = f"""
    WITH due AS MATERIALIZED (
        SELECT subscription.id, wall FROM subscription JOIN {_PLACE} ON place.zone = subscription.zone
        JOIN business ON business.id = subscription.business_id JOIN customer ON customer.id = customer_id
        WHERE overdue_pause_days IS NOT NULL AND subscription.status = 'active' AND ends > wall AND NOT protected
          AND EXISTS (SELECT FROM invoice WHERE invoice.customer_id = subscription.customer_id
                      AND invoice.status = ANY(%(open)s) AND due_date + overdue_pause_days < today
                      AND {WITHOUT_PLAN})
          AND NOT EXISTS (SELECT FROM subscription_change AS done WHERE done.subscription_id = subscription.id
                          AND action = 'resume' AND override IS NOT NULL
                          AND done.created_at > %(now)s - make_interval(days => overdue_pause_days))
        LIMIT %(most)s FOR NO KEY UPDATE OF subscription SKIP LOCKED
    ), changed AS (
        UPDATE subscription SET status = 'paused', paused_at = %(now)s, paused_wall = wall, paused_cause = 'overdue',
            pause_from = NULL, pause_until = NULL, version = version + 1
        FROM due WHERE subscription.id = due.id RETURNING subscription.*
    ), heard AS (
        SELECT id, business_id, 'overdue_pause' AS kind, paused_wall::date AS about FROM changed
    ), noted AS ({_NOTICE})
    {_HISTORY}
    SELECT gen_random_uuid(), %(now)s, business_id, id, period, 'pause', 'active', 'paused', paused_at,
           LEAST(last_day - paused_on, days_planned), LEAST(last_day - paused_on, days_planned), ends, ends, NULL,
           'system'
    FROM changed RETURNING 1
"""  # noqa: S608  names of our own
# In the order in which they come in a life: one that resumes late may have ended meanwhile.
CHANGES: Final = {
    "begin": BEGIN_DUE,
    "pause": PAUSE_DUE,
    "resume": RESUME_DUE,
    "expire": EXPIRE_DUE,
    "overdue": OVERDUE_DUE,
}

_REMIND: Final = """
    INSERT INTO subscription_notice (id, created_at, business_id, subscription_id, kind, about)
    SELECT gen_random_uuid(), %(now)s, business_id, id, kind, about FROM ({found}) AS found
    WHERE NOT EXISTS (SELECT FROM subscription_notice AS known
                      WHERE known.subscription_id = found.id AND known.kind = found.kind AND known.about = found.about)
    LIMIT %(most)s ON CONFLICT DO NOTHING RETURNING 1
"""
# Three days before, unless the pause itself is as short; after an outage two days before is better than not at all.
_RESUMES_SOON: Final = f"""
    SELECT subscription.id, business_id, 'resumes_soon' AS kind, resume_on AS about
    FROM subscription JOIN {_PLACE} ON place.zone = subscription.zone
    WHERE resume_on BETWEEN %(latest)s AND %(latest)s + 4 AND resume_on - today IN (2, 3) AND resume_on - paused_on > 3
"""  # noqa: S608  names of our own
_RESUMES_TOMORROW: Final = f"""
    SELECT subscription.id, business_id, 'resumes_tomorrow' AS kind, resume_on AS about
    FROM subscription JOIN {_PLACE} ON place.zone = subscription.zone
    WHERE resume_on BETWEEN %(latest)s AND %(latest)s + 2 AND resume_on - today = 1 AND resume_on - paused_on > 1
"""  # noqa: S608  names of our own
_LONG_PAUSES: Final = f"""
    SELECT id, business_id, 'long_pause' AS kind, paused_on + (today - paused_on) / every * every AS about
    FROM (SELECT subscription.id, business_id, paused_on, today, long_pause_notice_days AS every
          FROM subscription JOIN {_PLACE} ON place.zone = subscription.zone JOIN business ON business.id = business_id
          WHERE resume_on > %(latest)s + 3) AS paused
    WHERE today - paused_on >= every
"""  # noqa: S608  names of our own
_ENDS_SOON: Final = f"""
    SELECT subscription.id, business_id, 'ends_soon' AS kind, last_day AS about
    FROM subscription JOIN {_PLACE} ON place.zone = subscription.zone JOIN business ON business.id = business_id
    WHERE status = 'active' AND last_day BETWEEN %(latest)s - 1
          AND %(latest)s + (SELECT max(renewal_offer_days) FROM business)
      AND last_day >= today AND last_day - today < renewal_offer_days
"""  # noqa: S608  names of our own
REMINDERS: Final = {
    "resumes_soon": _REMIND.format(found=_RESUMES_SOON),
    "resumes_tomorrow": _REMIND.format(found=_RESUMES_TOMORROW),
    "long_pause": _REMIND.format(found=_LONG_PAUSES),
    "ends_soon": _REMIND.format(found=_ENDS_SOON),
}


def sweep(visit: Visit, statement: str, at: Places) -> int:
    """Do one batch of what is due. Returns how many rows it was."""
    return len(visit.ask(statement, {**at.values, "open": list(OPEN_STATUSES)}))
