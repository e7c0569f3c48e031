"""Charging quotas: a row for each programme, customer and month, and with it the one command to the meter.

The row and the command are written together, and the row is unique; so however often this runs, and whoever dies
where, a meter is told of a month's quota by one command, which has one reference at the network.
"""

from typing import Final

from domain.clock import now
from domain.door import Visit

_CHARGE: Final = """
    WITH place AS MATERIALIZED (
        SELECT id, currency, (%(now)s::timestamptz AT TIME ZONE timezone)::date AS today FROM business
    ), wanted AS MATERIALIZED (
        SELECT DISTINCT ON (subsidy.business_id, programme, subsidy.customer_id)
               subsidy.*, date_trunc('month', today)::date AS month, currency, gen_random_uuid() AS command_id,
               (monthly_kwh * 1000)::bigint AS quota_wh,
               CASE WHEN meter.network <> 'acrel' THEN 'not_on_network'
                    WHEN NOT meter.active THEN 'not_active'
                    WHEN meter.customer_id <> subsidy.customer_id THEN 'not_theirs' END AS detail
        FROM place JOIN subsidy ON subsidy.business_id = place.id JOIN meter ON meter.id = meter_id
        WHERE valid_from <= today AND (valid_to IS NULL OR valid_to >= today)
          AND NOT EXISTS (SELECT FROM subsidy_charge AS known
                          WHERE known.business_id = subsidy.business_id AND known.programme = subsidy.programme
                            AND known.customer_id = subsidy.customer_id
                            AND known.month = date_trunc('month', today)::date)
        ORDER BY subsidy.business_id, programme, subsidy.customer_id, valid_from DESC LIMIT %(most)s
    ), claimed AS (
        INSERT INTO subsidy_charge (id, created_at, business_id, subsidy_id, programme, customer_id, meter_id, month,
                                    quota_wh, state, currency, detail)
        SELECT gen_random_uuid(), %(now)s, business_id, id, programme, customer_id, meter_id, month, quota_wh,
               CASE WHEN detail IS NULL THEN 'charging' ELSE 'failed' END, currency, detail
        FROM wanted ON CONFLICT (business_id, programme, customer_id, month) DO NOTHING
        RETURNING id, business_id, subsidy_id, meter_id, state
    )
    SELECT claimed.id, claimed.business_id, claimed.meter_id, state, wanted.command_id, quota_wh,
           to_char(wanted.month, 'YYYY-MM'), wanted.programme
    FROM claimed JOIN wanted ON wanted.id = claimed.subsidy_id
"""
# A statement of its own: it refers to rows that the one before has written, and both are committed together.
_TELL: Final = """
    WITH told AS (
        INSERT INTO meter_command (id, created_at, business_id, meter_id, command, settings, reason, state, state_at)
        SELECT command_id, %(now)s, business_id, meter_id, 'set_quota',
               jsonb_build_object('month', month, 'watt_hours', quota), 'subsidy: ' || programme, 'queued', %(now)s
        FROM ROWS FROM (unnest(%(charges)s::uuid[]), unnest(%(businesses)s::uuid[]), unnest(%(meters)s::uuid[]),
                        unnest(%(commands)s::uuid[]), unnest(%(quotas)s::bigint[]), unnest(%(months)s::text[]),
                        unnest(%(programmes)s::text[]))
                 AS one (charge_id, business_id, meter_id, command_id, quota, month, programme)
        RETURNING id
    )
    UPDATE subsidy_charge SET command_id = one.command_id
    FROM ROWS FROM (unnest(%(charges)s::uuid[]), unnest(%(commands)s::uuid[])) AS one (charge_id, command_id), told
    WHERE subsidy_charge.id = one.charge_id AND told.id = one.command_id
"""
# What the meter itself has confirmed is charged; what failed at the network has failed.
_FOLLOW: Final = """
    UPDATE subsidy_charge AS charge
    SET state = CASE told.state WHEN 'confirmed' THEN 'charged' ELSE 'failed' END,
        detail = CASE told.state WHEN 'confirmed' THEN NULL ELSE COALESCE(told.detail, 'failed') END
    FROM meter_command AS told
    WHERE told.id = charge.command_id AND charge.state = 'charging' AND told.state IN ('confirmed', 'failed')
    RETURNING charge.state
"""


def charge_quotas(visit: Visit, most: int) -> int:
    """Write up to `most` quotas of this month down, each with its command, and return how many it were."""
    rows = visit.ask(_CHARGE, {"now": now(), "most": most})
    told = [row for row in rows if row[3] == "charging"]
    if told:
        charges, businesses, meters, _, commands, quotas, months, programmes = map(list, zip(*told, strict=True))
        values = {"charges": charges, "businesses": businesses, "meters": meters, "commands": commands}
        visit.ask(_TELL, {**values, "quotas": quotas, "months": months, "programmes": programmes, "now": now()})
    return len(rows)


def follow_quotas(visit: Visit) -> list[str]:
    """Take what has become of the commands over, and return to which states charges came."""
    return [state for (state,) in visit.ask(_FOLLOW, {})]
