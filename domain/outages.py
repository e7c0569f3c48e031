"""An outage: when the power is away from an area, planned or not, as the business tells us."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped

from domain.base import Base, Owned, one_of
from domain.door import Visit

PLANNED, UNPLANNED = OUTAGE_KINDS = ("planned", "unplanned")
# Who asks why the power is off is told of an outage that begins so soon, too: works begin early.
_SOON: Final = timedelta(hours=24)


class Outage(Owned, Base):
    """That an area is without power from `starts_at` to `ends_at`; None: nobody knows yet until when.

    One that ends when it starts was called off.
    """

    __tablename__ = "outage"
    __table_args__ = (
        UniqueConstraint("business_id", "reference"),
        CheckConstraint(one_of("kind", OUTAGE_KINDS), "kind"),
        CheckConstraint("ends_at >= starts_at", "ends_at"),
    )

    reference: Mapped[str]
    area: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    kind: Mapped[str]
    reason_en: Mapped[str | None]
    reason_ar: Mapped[str | None]


@dataclass(frozen=True, slots=True)
class KnownOutage:
    """An outage, as a customer is told of it."""

    kind: str
    area: str
    starts_at: datetime
    ends_at: datetime | None
    reason_en: str | None
    reason_ar: str | None

    def has_begun(self, at: datetime) -> bool:
        """Tell whether it is going on at `at`."""
        return self.starts_at <= at

    def reason_in(self, language: str) -> str | None:
        """Return the reason in `language`, or else in the other."""
        return (self.reason_ar or self.reason_en) if language == "ar" else (self.reason_en or self.reason_ar)


_IN_AREA = """
    SELECT kind, area, starts_at, ends_at, reason_en, reason_ar FROM outage
    WHERE lower(btrim(area)) = lower(btrim(%(area)s)) AND starts_at <= %(soon)s
      AND (ends_at IS NULL OR (ends_at > %(now)s AND ends_at > starts_at))
    ORDER BY starts_at <= %(now)s DESC, ends_at DESC NULLS FIRST, starts_at LIMIT 1
"""


def outage_in(visit: Visit, area: str | None, at: datetime) -> KnownOutage | None:
    """Return the outage that `area` has at `at`, or else the one that begins within a day, if either is known.

    Of several at once the one that ends last is told: until then the power may be away.
    """
    if area is None:
        return None
    rows = visit.ask(_IN_AREA, {"area": area, "now": at, "soon": at + _SOON})
    return KnownOutage(*rows[0]) if rows else None
