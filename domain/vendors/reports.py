"""What meters on a network report of themselves. A report confirms commands; nothing else does.

The way of a report is the same whether it was pushed to us or asked for, once or ten times: the first counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Owned
from domain.clock import now
from domain.door import Visit
from domain.vendors.requests import MeterAt
from domain.vendors.results import MeterReport


class KeptReport(Owned, Base):
    """A report: what the meter had counted at an instant by its own clock, whether it supplied, and its settings."""

    __tablename__ = "meter_report"
    __table_args__ = (
        UniqueConstraint("meter_id", "at"),
        ForeignKeyConstraint(["business_id", "meter_id"], ["meter.business_id", "meter.id"]),
        CheckConstraint("watt_hours >= 0", "watt_hours"),
    )

    meter_id: Mapped[UUID]
    at: Mapped[datetime]
    watt_hours: Mapped[int | None] = mapped_column(BigInteger)
    supplied: Mapped[bool | None]
    settings: Mapped[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Noted:
    """A report that was new to us: of which meter, and what it had counted, where it says so."""

    business_id: UUID
    meter_id: UUID
    at: datetime
    watt_hours: int | None


@dataclass(frozen=True, slots=True)
class MeterState:
    """How a meter is, by what it reported last; each setting as it last spoke of it."""

    at: datetime
    watt_hours: int | None
    supplied: bool | None
    settings: dict[str, Any]


# A number that two businesses have is nobody's: a network's report names no business. Of a report whose counter was
# asked for before, the rest may come later.
_NOTE: Final = """
    WITH given AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(%(reports)s) AS one
            (meter_no text, at timestamptz, watt_hours bigint, supplied boolean, settings jsonb)
    ), found AS MATERIALIZED (
        SELECT DISTINCT ON (given.meter_no, given.at) given.*, meter.id AS meter_id, meter.business_id
        FROM given JOIN meter ON meter.meter_no = given.meter_no AND meter.network = 'acrel'
        WHERE NOT EXISTS (SELECT FROM meter AS other WHERE other.meter_no = given.meter_no
                          AND other.network = 'acrel' AND other.id <> meter.id)
    ), added AS (
        INSERT INTO meter_report (id, created_at, business_id, meter_id, at, watt_hours, supplied, settings)
        SELECT gen_random_uuid(), %(now)s, business_id, meter_id, at, watt_hours, supplied, settings
        FROM found
        ON CONFLICT (meter_id, at) DO UPDATE SET supplied = excluded.supplied, settings = excluded.settings
            WHERE meter_report.supplied IS NULL AND excluded.supplied IS NOT NULL
        RETURNING business_id, meter_id, at, watt_hours, supplied, settings
    ), confirmed AS (
        UPDATE meter_command AS told SET state = 'confirmed', state_at = %(now)s, detail = NULL, ask_at = NULL
        FROM added
        WHERE told.meter_id = added.meter_id AND told.state IN ('sent', 'in_doubt', 'acknowledged')
          AND added.at >= told.created_at
          AND CASE WHEN told.command IN ('disconnect', 'turn_off') THEN NOT added.supplied
                   WHEN told.command IN ('reconnect', 'turn_on') THEN added.supplied
                   ELSE added.settings -> told.command @> told.settings END
        RETURNING told.id
    )
    SELECT business_id, meter_id, at, watt_hours, (SELECT count(*) FROM confirmed) FROM added
"""
# A report speaks of what it wants to; the latest word on each setting counts.
_STATE: Final = """
    SELECT latest.at, counted.watt_hours, switched.supplied,
           COALESCE((SELECT jsonb_object_agg(name, value) FROM (
               SELECT DISTINCT ON (name) name, value
               FROM (SELECT * FROM meter_report WHERE meter_id = %(meter_id)s ORDER BY at DESC LIMIT 200) AS recent,
                    jsonb_each(recent.settings) AS one (name, value)
               ORDER BY name, recent.at DESC) AS known), '{}')
    FROM (SELECT at FROM meter_report WHERE meter_id = %(meter_id)s ORDER BY at DESC LIMIT 1) AS latest
    LEFT JOIN LATERAL (SELECT watt_hours FROM meter_report WHERE meter_id = %(meter_id)s AND watt_hours IS NOT NULL
                       ORDER BY at DESC LIMIT 1) AS counted ON true
    LEFT JOIN LATERAL (SELECT supplied FROM meter_report WHERE meter_id = %(meter_id)s AND supplied IS NOT NULL
                       ORDER BY at DESC LIMIT 1) AS switched ON true
"""

_METERS: Final = """
    SELECT meter.business_id, meter.id, meter_no,
           (SELECT max(at) FROM meter_report WHERE meter_report.meter_id = meter.id)
    FROM meter WHERE network = 'acrel' AND active AND id > %(after)s ORDER BY id LIMIT %(most)s
"""


def note_reports(visit: Visit, reports: Sequence[MeterReport]) -> tuple[list[Noted], int]:
    """Keep what is new of `reports`, and confirm the commands that they show to be done.

    Returns the new ones, and how many commands were confirmed. `visit` sees every business, or the one of the meters.
    """
    if not reports:
        return [], 0
    rows = visit.ask(_NOTE, {"reports": Jsonb([_row(one) for one in reports]), "now": now()})
    return [Noted(*row[:4]) for row in rows], rows[0][4] if rows else 0


def state_of(visit: Visit, meter_id: UUID) -> MeterState | None:
    """Return how a meter says it is; None when it has never reported."""
    rows = visit.ask(_STATE, {"meter_id": meter_id})
    return MeterState(*rows[0]) if rows else None


def _row(one: MeterReport) -> dict[str, Any]:
    return {
        "meter_no": one.meter_no,
        "at": one.at.isoformat(),
        "watt_hours": one.watt_hours,
        "supplied": one.supplied,
        "settings": dict(one.settings),
    }


def meters_after(visit: Visit, after: UUID, most: int) -> list[tuple[MeterAt, datetime | None]]:
    """Return up to `most` meters on the network, by their ids from beyond `after` on, and when each reported last."""
    rows = visit.ask(_METERS, {"after": after, "most": most})
    return [(MeterAt(business_id, meter_id, number), heard_at) for business_id, meter_id, number, heard_at in rows]
