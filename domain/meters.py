"""A meter: what measures a customer's electricity, and how it is vended to."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Owned, one_of, referable

# How a meter is reached: it takes tokens, it is on a network that it reports to by itself, or somebody goes there.
STS, ACREL, MANUAL = NETWORKS = ("sts", "acrel", "manual")


class Meter(Owned, Base):
    """A meter. The fields from `digits` to `key_expiry` are its vending data (IEC 62055-41, clause 6.1).

    `remind_low`: its owner wants to be told when little credit is left on it; `low_told_at` is when that was, until the
    meter has more again. `register_digits` is how many digits before the point its counter shows before it begins at
    zero again. `closed_on` is the local day from which on it is in use no more, where that is known: its last bill
    goes until then.
    """

    __tablename__ = "meter"
    __table_args__ = (
        UniqueConstraint("business_id", "meter_no"),
        referable(),
        ForeignKeyConstraint(["business_id", "customer_id"], ["customer.business_id", "customer.id"]),
        CheckConstraint(one_of("kind", ("prepaid", "postpaid")), "kind"),
        CheckConstraint(one_of("network", NETWORKS), "network"),
        CheckConstraint("register_digits BETWEEN 3 AND 12", "register_digits"),
    )

    customer_id: Mapped[UUID] = mapped_column(index=True)
    meter_no: Mapped[str]
    nickname: Mapped[str | None]
    area: Mapped[str | None]
    kind: Mapped[str]
    network: Mapped[str]
    tariff: Mapped[str | None]
    digits: Mapped[int | None]
    iin: Mapped[str | None]
    supply_group_code: Mapped[str | None]
    key_revision: Mapped[int | None]
    key_type: Mapped[int | None]
    tariff_index: Mapped[str | None]
    ea: Mapped[str | None]
    dkga: Mapped[str | None]
    base_date: Mapped[str | None]
    key_expiry: Mapped[int | None]
    active: Mapped[bool] = mapped_column(default=True)
    closed_on: Mapped[date | None]
    remind_low: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    low_told_at: Mapped[datetime | None]
    register_digits: Mapped[int | None]
