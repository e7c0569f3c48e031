"""A tariff: what a kWh costs, by blocks of a month's use, from a day on. What was used once never changes."""

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Minor, Owned, one_of, referable

GRADUATED, VOLUME = MODES = ("graduated", "volume")
# What a minimum charge is compared with.
ENERGY, ENERGY_AND_FEE = MINIMUM_COVERS = ("energy", "energy_and_fee")
# The shortest list of blocks that there is, and how many steps a price has in a whole unit of the currency.
MOST_BLOCKS: Final = 20
PRICE_STEPS: Final = 1_000_000


class Tariff(Owned, Base):
    """A tariff as it is from `valid_from` on, until a later row with the same code.

    `blocks` are `[from, price]`: from so many tenths of a kWh in a calendar month on, a kWh costs so many millionths of
    a whole unit of the currency, without tax. `graduated`: each block's use at its own price; `volume`: everything at
    the price of the block that the month has come to. The fixed fee and the minimum are for a calendar month, without
    tax; `minimum_covers` is what has to reach the minimum. `used_at` is when it was first billed by: from then on the
    database lets only its names change.
    """

    __tablename__ = "tariff"
    __table_args__ = (
        UniqueConstraint("business_id", "code", "valid_from"),
        referable(),
        CheckConstraint(one_of("mode", MODES), "mode"),
        CheckConstraint(one_of("minimum_covers", MINIMUM_COVERS), "minimum_covers"),
        CheckConstraint("jsonb_array_length(blocks) > 0", "blocks"),
        CheckConstraint("fixed_fee_minor >= 0 AND minimum_charge_minor >= 0", "amounts"),
    )

    code: Mapped[str]
    valid_from: Mapped[date]
    name_en: Mapped[str]
    name_ar: Mapped[str]
    mode: Mapped[str] = mapped_column(default=GRADUATED)
    blocks: Mapped[list[Any]] = mapped_column(JSONB)
    fixed_fee_minor: Mapped[Minor] = mapped_column(default=0)
    minimum_charge_minor: Mapped[Minor] = mapped_column(default=0)
    minimum_covers: Mapped[str] = mapped_column(default=ENERGY, server_default=ENERGY)
    currency: Mapped[str]
    used_at: Mapped[datetime | None]
