"""A business: a company on this deployment."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Numeric, SmallInteger, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, one_of
from domain.clock import now
from domain.door import Visit
from domain.ids import new_id

LANGUAGES = ("ar", "en")


class Business(Base):
    """A company: its names, its money, its time, its tax, and the number to call where there is danger.

    `code_countries` are countries besides its own to whose numbers one-time codes may be sent. `campaigns_a_week` is
    how many campaign messages a person gets at most within seven days. Then come its rules for subscriptions, as
    domain.subscriptions.rules has them, and those for electricity: up to `arrears_percent` of what somebody pays goes
    to what is overdue first; whether anybody may buy for another's meter; and below how many kWh a customer who asked
    for it is reminded. Then those for bills: on which day of a month the month before is billed by itself (none: only
    by hand), after how many days a bill is due, who is told by e-mail what a run held back, below and above how many
    per cent of the usual use a reading is held, and how many bills in a row may be estimated. Within
    `answer_minutes` staff answer in a conversation that they have taken over.
    """

    __tablename__ = "business"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint(one_of("language", LANGUAGES), "language"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", "currency"),
        CheckConstraint("country ~ '^[A-Z]{2}$'", "country"),
        CheckConstraint("campaigns_a_week >= 0", "campaigns_a_week"),
        CheckConstraint("answer_minutes BETWEEN 1 AND 1440", "answer_minutes"),
        CheckConstraint("vat_rate >= 0 AND vat_rate < 1", "vat_rate"),
        CheckConstraint("pause_shortest_days > 0 AND pause_longest_days >= pause_shortest_days", "pause_days"),
        CheckConstraint("pauses_per_period >= 0", "pauses_per_period"),
        CheckConstraint("overdue_pause_days > 0", "overdue_pause_days"),
        CheckConstraint("long_pause_notice_days > 0", "long_pause_notice_days"),
        CheckConstraint("renewal_offer_days >= 0", "renewal_offer_days"),
        CheckConstraint("arrears_percent BETWEEN 0 AND 100", "arrears_percent"),
        CheckConstraint("low_credit_kwh > 0", "low_credit_kwh"),
        CheckConstraint("billing_day BETWEEN 1 AND 28", "billing_day"),
        CheckConstraint("due_days BETWEEN 0 AND 365", "due_days"),
        CheckConstraint("low_use_percent BETWEEN 0 AND 100 AND high_use_percent > 100", "use_percent"),
        CheckConstraint("most_estimates BETWEEN 0 AND 12", "most_estimates"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(default=now)
    code: Mapped[str]
    name_en: Mapped[str]
    name_ar: Mapped[str]
    currency: Mapped[str] = mapped_column(default="SAR")
    timezone: Mapped[str] = mapped_column(default="Asia/Riyadh")
    country: Mapped[str] = mapped_column(default="SA")
    vat_rate: Mapped[Decimal] = mapped_column(Numeric(5, 4), default=Decimal("0.15"))
    vat_number: Mapped[str | None]
    address_ar: Mapped[str | None]
    language: Mapped[str] = mapped_column(default="ar")
    emergency_number: Mapped[str | None]
    code_countries: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default=text("'{}'"))
    campaigns_a_week: Mapped[int] = mapped_column(SmallInteger, default=3, server_default="3")
    pause_longest_days: Mapped[int] = mapped_column(default=90, server_default=text("90"))
    pause_shortest_days: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    pauses_per_period: Mapped[int] = mapped_column(default=3, server_default=text("3"))
    pause_when_overdue: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    refund_on_stop: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    overdue_pause_days: Mapped[int | None]
    long_pause_notice_days: Mapped[int] = mapped_column(default=30, server_default=text("30"))
    renewal_offer_days: Mapped[int] = mapped_column(default=3, server_default=text("3"))
    arrears_percent: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    buy_for_others: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    low_credit_kwh: Mapped[int] = mapped_column(default=10, server_default=text("10"))
    billing_day: Mapped[int | None]
    due_days: Mapped[int] = mapped_column(default=14, server_default=text("14"))
    accountant_email: Mapped[str | None]
    low_use_percent: Mapped[int] = mapped_column(default=50, server_default=text("50"))
    high_use_percent: Mapped[int] = mapped_column(default=200, server_default=text("200"))
    most_estimates: Mapped[int] = mapped_column(default=3, server_default=text("3"))
    answer_minutes: Mapped[int] = mapped_column(SmallInteger, default=10, server_default=text("10"))


_EMERGENCY = "SELECT emergency_number FROM business"


def emergency_number_of(visit: Visit) -> str | None:
    """Return the number to call in danger, of the business that `visit` has entered."""
    rows = visit.ask(_EMERGENCY, {})
    return rows[0][0] if rows else None


_CURRENCY = "SELECT currency FROM business WHERE id = %(business_id)s"


def currency_of(visit: Visit, business_id: UUID) -> str:
    """Return the currency of a business."""
    currency: str = visit.ask(_CURRENCY, {"business_id": business_id})[0][0]
    return currency
