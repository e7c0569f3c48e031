"""The items of billing runs: claimed in batches, and what became of each written down."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from domain.billing.charging import Charge, energy_minor
from domain.billing.facts import Frame
from domain.billing.measuring import Held, Measured
from domain.billing.states import FAILED, HELD, ITEM_FROM
from domain.clock import now
from domain.door import Visit
from domain.ids import new_id
from domain.readings.deciding import hold


@dataclass(frozen=True, slots=True)
class Item:
    """A meter that waits to be billed."""

    item_id: UUID
    meter_id: UUID


@dataclass(frozen=True, slots=True)
class Charged:
    """A meter whose bill is reckoned, line by line."""

    item_id: UUID
    measured: Measured
    charges: tuple[Charge, ...]


@dataclass(frozen=True, slots=True)
class Back:
    """An item that is not billed: held back or failed, and why."""

    item_id: UUID
    code: str
    detail: str | None
    reading_id: UUID | None = None
    state: str = HELD


# Whoever claims takes what nobody else is at; who dies lets go of it. The meter is held too: two periods of one are
# never reckoned at the same time.
_CLAIM: Final = """
    SELECT item.id, meter_id FROM billing_item AS item JOIN meter ON meter.id = meter_id
    WHERE item.business_id = %(business_id)s AND period = %(period)s AND state = 'waiting'
    ORDER BY item.id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
"""
_CLAIM_THESE: Final = """
    SELECT item.id, meter_id FROM billing_item AS item JOIN meter ON meter.id = meter_id
    WHERE item.id = ANY(%(ids)s) AND state = 'waiting'
    ORDER BY item.id FOR NO KEY UPDATE SKIP LOCKED
"""
_WAITING: Final = """
    SELECT EXISTS (SELECT FROM billing_item
                   WHERE business_id = %(business_id)s AND period = %(period)s AND state = 'waiting')
"""
# Meters that are in use, and those that were when the period began: they are billed until they were closed. One that
# was replaced meanwhile is billed with the other.
TO_BILL: Final = """(
    meter.active OR (
        meter.closed_on >= %(period)s
        AND NOT EXISTS (SELECT FROM meter_exchange AS gone JOIN business AS place ON place.id = gone.business_id
                        WHERE gone.business_id = meter.business_id AND gone.old_meter_id = meter.id
                          AND (exchanged_at AT TIME ZONE timezone)::date < %(period)s::date + interval '1 month')
        AND NOT EXISTS (SELECT FROM billing_item AS last WHERE last.meter_id = meter.id AND last.state = 'billed'
                        AND last.until >= meter.closed_on)))"""
_MISSING: Final = f"""
    SELECT id FROM meter
    WHERE business_id = %(business_id)s AND kind = 'postpaid' AND {TO_BILL} AND id > %(after)s
      AND NOT EXISTS (SELECT FROM billing_item AS item WHERE item.meter_id = meter.id
                      AND item.period >= %(period)s AND item.state = 'billed')
    ORDER BY id LIMIT %(limit)s
"""  # noqa: S608  a condition of our own
# An estimate of a bill that was cancelled gives way to the new one.
_ESTIMATES: Final = """
    INSERT INTO reading (id, created_at, business_id, meter_id, read_at, source, wh, origin, state)
    SELECT id, %(now)s, %(business_id)s, meter_id, %(read_at)s, 'estimated', wh, 'estimate', 'accepted'
    FROM unnest(%(ids)s::uuid[], %(meters)s::uuid[], %(whs)s::bigint[]) AS one (id, meter_id, wh)
    ON CONFLICT (business_id, meter_id, read_at, source) DO UPDATE SET wh = excluded.wh, state = 'accepted'
    RETURNING meter_id, id
"""
# States that are asked for lead to no index of the items that wait: all of a fresh run do, and each is found by its id.
_BILLED: Final = """
    UPDATE billing_item SET state = 'billed', invoice_id = one.invoice_id, first = one.first, until = one.until,
        wh = one.wh, start_reading_id = one.start_reading_id, end_reading_id = one.end_reading_id,
        start_wh = one.start_wh, end_wh = one.end_wh, estimates = one.estimates, since_on = one.since_on,
        since_wh = one.since_wh, unsettled_wh = one.unsettled_wh, unsettled_minor = one.unsettled_minor
    FROM jsonb_to_recordset(%(rows)s) AS one (
        id uuid, invoice_id uuid, first date, until date, wh bigint, start_reading_id uuid, end_reading_id uuid,
        start_wh bigint, end_wh bigint, estimates smallint, since_on date, since_wh bigint, unsettled_wh bigint,
        unsettled_minor bigint)
    WHERE billing_item.id = one.id AND billing_item.state = ANY((SELECT %(allowed)s::text[])::text[])
    RETURNING billing_item.id
"""
_BACK: Final = """
    UPDATE billing_item SET state = one.state, code = one.code, detail = one.detail
    FROM ROWS FROM (unnest(%(ids)s::uuid[]), unnest(%(states)s::text[]), unnest(%(codes)s::text[]),
                    unnest(%(details)s::text[])) AS one (id, state, code, detail)
    WHERE billing_item.id = one.id AND billing_item.state = 'waiting'
"""


class NotOurs(RuntimeError):
    """An item was billed by somebody else, though we hold it: nothing of the batch may stay."""


def claim(visit: Visit, frame: Frame, limit: int) -> list[Item]:
    """Claim up to `limit` items that wait and that nobody else is at, until the transaction ends."""
    values = {"business_id": frame.business_id, "period": frame.period, "limit": limit}
    return [Item(*row) for row in visit.ask(_CLAIM, values)]


def claim_these(visit: Visit, items: Sequence[UUID]) -> list[Item]:
    """Claim certain items, those of them that still wait."""
    return [Item(*row) for row in visit.ask(_CLAIM_THESE, {"ids": list(items)})]


def any_waits(visit: Visit, frame: Frame) -> bool:
    """Tell whether anything still waits, be it that somebody is at it."""
    return bool(visit.ask(_WAITING, {"business_id": frame.business_id, "period": frame.period})[0][0])


def not_billed(visit: Visit, frame: Frame, after: UUID, limit: int) -> list[UUID]:
    """Return the next meters that a run would bill, by their ids."""
    values = {"business_id": frame.business_id, "period": frame.period, "after": after, "limit": limit}
    return [meter_id for (meter_id,) in visit.ask(_MISSING, values)]


def note_estimates(visit: Visit, frame: Frame, charged: Sequence[Charged]) -> dict[UUID, UUID]:
    """Keep what was estimated as readings, and return them by meter."""
    estimated = [one.measured for one in charged if one.measured.estimated]
    if not estimated:
        return {}
    values = {
        "now": now(),
        "business_id": frame.business_id,
        "read_at": frame.instant(frame.until),
        "ids": [new_id() for _ in estimated],
        "meters": [one.facts.meter_id for one in estimated],
        "whs": [one.end.wh for one in estimated],
    }
    return dict(visit.ask(_ESTIMATES, values))


def note_billed(
    visit: Visit, charged: Sequence[Charged], invoices: Sequence[UUID], estimates: dict[UUID, UUID]
) -> None:
    """Write down what was billed, by which invoices, in their order."""
    rows = [_row(one, invoice_id, estimates) for one, invoice_id in zip(charged, invoices, strict=True)]
    if len(visit.ask(_BILLED, {"rows": Jsonb(rows), "allowed": list(ITEM_FROM["bill"])})) < len(rows):
        raise NotOurs("an item was billed meanwhile")


def note_back(visit: Visit, back: Sequence[Back]) -> None:
    """Write down what is held back or failed; an odd reading waits for staff from then on."""
    if not back:
        return
    values = {
        "ids": [one.item_id for one in back],
        "states": [one.state for one in back],
        "codes": [one.code for one in back],
        "details": [one.detail for one in back],
    }
    visit.ask(_BACK, values)
    hold(visit, {one.reading_id: one.code for one in back if one.reading_id is not None})


def held(item_id: UUID, why: Held) -> Back:
    """Return an item that is held back."""
    return Back(item_id, why.code, why.detail, why.reading_id)


def failed(item_id: UUID, detail: str) -> Back:
    """Return an item that could not be billed, for a reason that nobody foresaw."""
    return Back(item_id, "error", detail[:300], state=FAILED)


def _row(one: Charged, invoice_id: UUID, estimates: dict[UUID, UUID]) -> dict[str, Any]:
    measured = one.measured
    settled = measured.facts.previous
    carried = (settled.unsettled_wh, settled.unsettled_minor) if settled is not None else (0, 0)
    end_id = estimates.get(measured.facts.meter_id) if measured.estimated else measured.end.reading_id
    return {
        "id": str(one.item_id),
        "invoice_id": str(invoice_id),
        "first": measured.bill.first.isoformat(),
        "until": measured.bill.until.isoformat(),
        "wh": measured.wh,
        "start_reading_id": str(measured.start_reading_id) if measured.start_reading_id else None,
        "end_reading_id": str(end_id) if end_id else None,
        "start_wh": measured.start_wh,
        "end_wh": measured.end.wh,
        "estimates": measured.estimates,
        "since_on": measured.since_on.isoformat(),
        "since_wh": measured.since_wh,
        "unsettled_wh": carried[0] + measured.wh if measured.estimated else 0,
        "unsettled_minor": carried[1] + energy_minor(one.charges) if measured.estimated else 0,
    }
