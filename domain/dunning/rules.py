"""What a business does when an invoice isn't paid: its schedule, its fee, its limits. Without a row: the usual."""

from dataclasses import asdict, dataclass
from datetime import time
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, SmallInteger, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Owned
from domain.door import Visit
from domain.ways import BEST_FIRST

# Days after the due date; below zero: before it.
USUAL_DAYS: Final = (-3, 0, 7, 15, 30)
USUAL_TIME: Final = time(9)
# Nothing is begun later in the day: people are at rest.
EVENING: Final = time(20)


class DunningRules(Owned, Base):
    """The rules of a business. Amounts are minor units of its currency; what is not set is not done.

    Reminders go out from `remind_at` on, local, on `reminder_days` after the due date, over `channels`, the best first.
    A fee is charged once, `late_fee_days` after it. A disconnection is announced `notice_days` after it and, by the
    rule, done `cut_days` after it; without them only staff disconnects. Customers may agree on up to
    `instalments_most` instalments themselves for what is owed from `instalments_from_minor` on; a plan is broken when
    an instalment is more than `grace_days` late. Who was disconnected for a debt and pays it is reconnected by itself
    where it `reconnects`; else staff is told to.
    """

    __tablename__ = "dunning_rules"
    __table_args__ = (
        UniqueConstraint("business_id"),
        CheckConstraint("cardinality(reminder_days) BETWEEN 0 AND 20", "reminder_days"),
        CheckConstraint("channels <@ ARRAY['whatsapp', 'sms', 'email'] AND cardinality(channels) > 0", "channels"),
        CheckConstraint("late_fee_minor > 0 AND late_fee_days > 0", "late_fee"),
        CheckConstraint("(late_fee_minor IS NULL) = (late_fee_days IS NULL)", "late_fee_whole"),
        CheckConstraint("notice_days > 0 AND (cut_days IS NULL OR cut_days > notice_days)", "notice"),
        CheckConstraint("cut_days IS NULL OR notice_days IS NOT NULL", "cut_after_notice"),
        CheckConstraint("instalments_from_minor > 0", "instalments_from"),
        CheckConstraint("instalments_most BETWEEN 2 AND 24 AND grace_days BETWEEN 0 AND 60", "instalments"),
    )

    remind_at: Mapped[time] = mapped_column(default=USUAL_TIME, server_default=text("'09:00'"))
    reminder_days: Mapped[list[int]] = mapped_column(
        ARRAY(SmallInteger), default=list(USUAL_DAYS), server_default=text("'{-3,0,7,15,30}'")
    )
    channels: Mapped[list[str]] = mapped_column(
        ARRAY(Text), default=list(BEST_FIRST), server_default=text("'{whatsapp,sms,email}'")
    )
    late_fee_minor: Mapped[int | None] = mapped_column(BigInteger)
    late_fee_days: Mapped[int | None] = mapped_column(SmallInteger)
    notice_days: Mapped[int | None] = mapped_column(SmallInteger)
    cut_days: Mapped[int | None] = mapped_column(SmallInteger)
    instalments_from_minor: Mapped[int | None] = mapped_column(BigInteger)
    instalments_most: Mapped[int] = mapped_column(SmallInteger, default=3, server_default=text("3"))
    grace_days: Mapped[int] = mapped_column(SmallInteger, default=3, server_default=text("3"))
    reconnects: Mapped[bool] = mapped_column(default=False, server_default=text("false"))


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a business, as `DunningRules` has them."""

    remind_at: time = USUAL_TIME
    reminder_days: tuple[int, ...] = USUAL_DAYS
    channels: tuple[str, ...] = BEST_FIRST
    late_fee_minor: int | None = None
    late_fee_days: int | None = None
    notice_days: int | None = None
    cut_days: int | None = None
    instalments_from_minor: int | None = None
    instalments_most: int = 3
    grace_days: int = 3
    reconnects: bool = False

    def as_dict(self) -> dict[str, Any]:
        """Return them by name."""
        return asdict(self)


_RULES: Final = """
    SELECT remind_at, reminder_days, channels, late_fee_minor, late_fee_days, notice_days, cut_days,
           instalments_from_minor, instalments_most, grace_days, reconnects
    FROM dunning_rules WHERE business_id = %(business_id)s
"""


def rules_of(visit: Visit, business_id: UUID) -> Rules:
    """Return the rules of a business."""
    rows = visit.ask(_RULES, {"business_id": business_id})
    return _rules(*rows[0]) if rows else Rules()


def _rules(remind_at: time, days: list[int], channels: list[str], *more: Any) -> Rules:
    return Rules(remind_at, tuple(days), tuple(channels), *more)
