"""Whom to remind now: sets of rows, each taken once whoever else looks, for the stage that it has come to.

Everything is reckoned from local dates, so that after an outage of a month each invoice is reminded of once.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from domain.clock import now
from domain.door import Visit
from domain.dunning.rules import EVENING
from domain.dunning.stopping import FREE, OWED, UNDISPUTED
from domain.ids import new_id

# Before which days an instalment is reminded of.
_INSTALMENT_DAYS: Final = [-3, 0]


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder that was taken, to be written: of what, and what is owed. `minor` and `day` are the instalment's, or
    what is owed and the day from which on the meter may be disconnected.
    """

    reminder_id: UUID
    business_id: UUID
    invoice_id: UUID
    kind: str
    minor: int
    currency: str
    day: date
    channels: list[str]


# Where it is day, and no holiday.
_PLACE: Final = """
    place AS MATERIALIZED (
        SELECT business.id, today, COALESCE(reminder_days, '{-3,0,7,15,30}') AS days, notice_days, cut_days,
               COALESCE(channels, '{whatsapp,sms,email}') AS channels
        FROM business LEFT JOIN dunning_rules ON dunning_rules.business_id = business.id
        CROSS JOIN LATERAL (SELECT (%(now)s::timestamptz AT TIME ZONE timezone)::date AS today,
                                   (%(now)s::timestamptz AT TIME ZONE timezone)::time AS wall) AS there
        WHERE wall >= COALESCE(remind_at, '09:00') AND wall < %(evening)s
          AND NOT EXISTS (SELECT FROM holiday WHERE holiday.business_id = business.id AND holiday.date = today)
    )
"""
_NOT_TODAY: Final = """NOT EXISTS (SELECT FROM reminder AS known
    WHERE known.invoice_id = invoice.id AND known.day = place.today)"""
# Who pays at this instant holds the invoice: they are left for the next time.
_TAKE: Final = """
    WITH {place}, found AS MATERIALIZED ({found} LIMIT %(most)s FOR NO KEY UPDATE OF invoice SKIP LOCKED),
    taken AS (
        INSERT INTO reminder (id, created_at, business_id, invoice_id, instalment_id, kind, stage, day)
        SELECT gen_random_uuid(), %(now)s, business_id, invoice_id, instalment_id, '{kind}', stage, today FROM found
        ON CONFLICT DO NOTHING
        RETURNING id, business_id, invoice_id
    )
    SELECT taken.id, taken.business_id, taken.invoice_id, '{kind}', minor, currency, about, channels
    FROM taken JOIN found USING (invoice_id) ORDER BY taken.business_id
"""
_INVOICES: Final = f"""
    SELECT invoice.business_id, invoice.id AS invoice_id, NULL::uuid AS instalment_id, stage, today, channels,
           invoice.currency, total_minor - paid_minor AS minor, due_date AS about
    FROM place JOIN invoice ON invoice.business_id = place.id
    CROSS JOIN LATERAL (SELECT max(one) AS stage FROM unnest(days) AS one
                        WHERE one <= today - due_date AND due_date + one > issue_date) AS come
    WHERE {OWED} AND stage IS NOT NULL AND {FREE} AND {_NOT_TODAY}
      AND NOT EXISTS (SELECT FROM reminder AS known WHERE known.invoice_id = invoice.id AND known.kind = 'invoice'
                      AND known.stage >= come.stage)
"""  # noqa: S608  conditions of our own
_INSTALMENTS: Final = f"""
    SELECT invoice.business_id, invoice.id AS invoice_id, part.id AS instalment_id, stage, today, channels,
           invoice.currency,
           LEAST(part.amount_minor, part.until_minor - (paid_minor - paid_before_minor)) AS minor,
           part.due_date AS about
    FROM place JOIN instalment_plan AS plan ON plan.business_id = place.id AND plan.state = 'active'
    JOIN invoice ON invoice.id = plan.invoice_id
    JOIN LATERAL (SELECT * FROM instalment WHERE instalment.plan_id = plan.id
                  AND instalment.until_minor > paid_minor - paid_before_minor ORDER BY n LIMIT 1) AS part ON true
    CROSS JOIN LATERAL (SELECT max(one) AS stage FROM unnest(%(instalment_days)s::int[]) AS one
                        WHERE one <= today - part.due_date AND part.due_date + one > plan.agreed_on) AS come
    WHERE {OWED} AND stage IS NOT NULL AND {UNDISPUTED} AND {_NOT_TODAY}
      AND NOT EXISTS (SELECT FROM reminder AS known WHERE known.invoice_id = invoice.id
                      AND known.instalment_id = part.id AND known.stage >= come.stage)
"""  # noqa: S608
# Announced only to whom it could happen to; the day is the earliest that the rule allows, counted from the notice.
_DISCONNECTIONS: Final = f"""
    SELECT invoice.business_id, invoice.id AS invoice_id, NULL::uuid AS instalment_id, notice_days AS stage, today,
           channels, invoice.currency, total_minor - paid_minor AS minor,
           today + COALESCE(cut_days - notice_days, 7) AS about
    FROM place JOIN invoice ON invoice.business_id = place.id JOIN customer ON customer.id = invoice.customer_id
    WHERE {OWED} AND notice_days <= today - due_date AND NOT protected AND {FREE} AND {_NOT_TODAY}
      AND EXISTS (SELECT FROM meter WHERE meter.customer_id = invoice.customer_id AND active AND network = 'acrel'
                  AND meter.kind = 'postpaid')
      AND NOT EXISTS (SELECT FROM reminder AS known
                      WHERE known.invoice_id = invoice.id AND known.kind = 'disconnection')
"""  # noqa: S608
# A plan that is broken is told of once; what lies further back is no news.
_BROKEN_PLANS: Final = f"""
    SELECT invoice.business_id, invoice.id AS invoice_id, NULL::uuid AS instalment_id, today - due_date AS stage, today,
           channels, invoice.currency, invoice.total_minor - paid_minor AS minor, due_date AS about
    FROM place JOIN instalment_plan AS plan ON plan.business_id = place.id AND plan.state = 'broken'
        AND plan.ended_at > %(now)s - interval '7 days'
    JOIN invoice ON invoice.id = plan.invoice_id
    WHERE {OWED} AND {FREE} AND {_NOT_TODAY}
      AND NOT EXISTS (SELECT FROM reminder AS known WHERE known.invoice_id = invoice.id
                      AND known.kind = 'broken_plan' AND known.created_at >= plan.ended_at)
      AND NOT EXISTS (SELECT FROM instalment_plan AS later WHERE later.invoice_id = plan.invoice_id
                      AND (later.created_at, later.id) > (plan.created_at, plan.id))
"""  # noqa: S608
# What weighs most comes first: an invoice is spoken of once a day.
TAKES: Final = {
    kind: _TAKE.format(place=_PLACE, found=found, kind=kind)
    for kind, found in (
        ("disconnection", _DISCONNECTIONS),
        ("broken_plan", _BROKEN_PLANS),
        ("instalment", _INSTALMENTS),
        ("invoice", _INVOICES),
    )
}
_TOLD: Final = """
    UPDATE reminder SET message_id = given.message_id
    FROM ROWS FROM (unnest(%(reminders)s::uuid[]), unnest(%(messages)s::uuid[])) AS given (id, message_id)
    WHERE reminder.id = given.id
"""


def take_reminders(visit: Visit, kind: str, most: int) -> list[Due]:
    """Take up to `most` reminders of a kind that are due, by business, for this transaction to write."""
    values = {"now": now(), "evening": EVENING, "most": most, "instalment_days": _INSTALMENT_DAYS}
    return [Due(*row) for row in visit.ask(TAKES[kind], values)]


_ASKED: Final = f"""
    INSERT INTO reminder (id, created_at, business_id, invoice_id, kind, stage, day)
    SELECT %(id)s, %(now)s, invoice.business_id, invoice.id, 'asked', today - due_date, today
    FROM invoice JOIN business ON business.id = invoice.business_id
    CROSS JOIN LATERAL (SELECT (%(now)s::timestamptz AT TIME ZONE timezone)::date AS today) AS there
    WHERE invoice.id = %(invoice_id)s AND {OWED} AND {FREE}
    RETURNING id
"""  # noqa: S608


def ask_for_reminder(visit: Visit, invoice_id: UUID) -> UUID | None:
    """Write down that staff asks for a reminder, whatever the day. None where something stops reminders."""
    rows = visit.ask(_ASKED, {"id": new_id(), "now": now(), "invoice_id": invoice_id})
    return rows[0][0] if rows else None


def note_told(visit: Visit, told: dict[UUID, UUID]) -> None:
    """Write down which message each reminder became."""
    if told:
        visit.ask(_TOLD, {"reminders": list(told), "messages": list(told.values())})
