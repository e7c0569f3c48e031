"""Commands to meters: who asked for what and why, and how far each has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, or_, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain import clock
from domain.base import Base, Owned, one_of, referable
from domain.clock import now
from domain.meters import NETWORKS, Meter
from domain.vendors.requests import Command, CommandRequest, MeterAt

QUEUED, SENT, ACKNOWLEDGED, CONFIRMED, FAILED, IN_DOUBT = STATES = (
    "queued",
    "sent",
    "acknowledged",
    "confirmed",
    "failed",
    "in_doubt",
)
# By the state that a command comes to: the ones that it may come from. What is confirmed or failed stays so. What goes
# back to the queue is sent again under the same reference, which the vendor carries out once.
FROM: Final = {
    SENT: (QUEUED,),
    ACKNOWLEDGED: (SENT, IN_DOUBT),
    CONFIRMED: (SENT, IN_DOUBT, ACKNOWLEDGED),
    FAILED: (SENT, IN_DOUBT, ACKNOWLEDGED),
    IN_DOUBT: (SENT,),
    QUEUED: (SENT, IN_DOUBT),
}

# After a question without news, a share of the command's age passes before the next, within these bounds.
_SHARE_OF_AGE: Final = 4
_ASKED_FIRST, _ASKED_LAST = timedelta(seconds=2), timedelta(minutes=10)


class MeterCommand(Owned, Base):
    """A command. Its id is our reference at the vendor. `staff_id` asked for it; nobody: the service itself.

    `settings` are what a setting command sets. `invoice_id` is the debt that a meter is disconnected for, by a rule.
    `for_debt`: it is about a debt, whoever asked for it; `settled_at` is when that was paid, and what follows from it
    written down. A reconnection that follows names the disconnection that it undoes (`undoes_id`). Nobody asks before
    `ask_at` how far it has come.
    """

    __tablename__ = "meter_command"
    __table_args__ = (
        ForeignKeyConstraint(["business_id", "meter_id"], ["meter.business_id", "meter.id"]),
        ForeignKeyConstraint(["business_id", "staff_id"], ["staff.business_id", "staff.id"]),
        ForeignKeyConstraint(["business_id", "invoice_id"], ["invoice.business_id", "invoice.id"]),
        ForeignKeyConstraint(["business_id", "undoes_id"], ["meter_command.business_id", "meter_command.id"]),
        referable(),
        CheckConstraint(one_of("command", tuple(Command)), "command"),
        CheckConstraint(one_of("state", STATES), "state"),
        CheckConstraint("amperes BETWEEN 1 AND 200", "amperes"),
        CheckConstraint("reason <> ''", "reason"),
        Index(
            "uq_meter_command_for_a_debt",
            "invoice_id",
            "meter_id",
            unique=True,
            postgresql_where=text("invoice_id IS NOT NULL AND state <> 'failed'"),
        ),
        Index(
            "uq_meter_command_undoes",
            "undoes_id",
            unique=True,
            postgresql_where=text("undoes_id IS NOT NULL AND state <> 'failed'"),
        ),
        Index("ix_meter_command_unsettled", "meter_id", postgresql_where=text("for_debt AND settled_at IS NULL")),
        Index(
            "ix_meter_command_open",
            "state_at",
            postgresql_where=text("state IN ('queued', 'sent', 'acknowledged', 'in_doubt')"),
        ),
    )

    meter_id: Mapped[UUID] = mapped_column(index=True)
    staff_id: Mapped[UUID | None]
    command: Mapped[str]
    amperes: Mapped[int | None]
    settings: Mapped[dict[str, Any] | None]
    invoice_id: Mapped[UUID | None]
    for_debt: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    undoes_id: Mapped[UUID | None]
    settled_at: Mapped[datetime | None]
    reason: Mapped[str]
    state: Mapped[str] = mapped_column(default=QUEUED)
    state_at: Mapped[datetime] = mapped_column(default=now)
    vendor_id: Mapped[str | None]
    detail: Mapped[str | None]
    ask_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Came:
    """To which state a command came, the vendor's number for it, and why, where that is bad."""

    state: str
    vendor_id: str | None = None
    detail: str | None = None


def reference_of(command_id: UUID) -> str:
    """Return our reference at the vendor."""
    return str(command_id)


def request_of(command: MeterCommand, meter: MeterAt) -> CommandRequest:
    """Return what the vendor is asked."""
    wanted = Command(command.command)
    return CommandRequest(reference_of(command.id), meter, wanted, command.reason, command.amperes, command.settings)


def move(session: Session, command_id: UUID, came: Came) -> bool:
    """Take a command to a state, and tell whether it was in one that this may follow."""
    # The number and the reason that are known stay known.
    known = {"vendor_id": came.vendor_id} if came.vendor_id else {}
    moved = session.execute(
        update(MeterCommand)
        .where(MeterCommand.id == command_id, MeterCommand.state.in_(FROM[came.state]))
        .values(state=came.state, state_at=clock.now(), detail=came.detail, ask_at=None, **known)
    )
    return bool(moved.rowcount)  # type: ignore[attr-defined]


def ask_later(session: Session, command_id: UUID) -> None:
    """Note that there was no news of a command: the older it is, the later it is asked about again."""
    command = session.get_one(MeterCommand, command_id)
    age = clock.now() - command.created_at
    pause = min(max(age / _SHARE_OF_AGE, _ASKED_FIRST), _ASKED_LAST)
    session.execute(update(MeterCommand).where(MeterCommand.id == command_id).values(ask_at=clock.now() + pause))


def waiting(
    session: Session, states: tuple[str, ...], before: datetime, most: int, networks: Sequence[str] = NETWORKS
) -> list[tuple[UUID, UUID]]:
    """Return business and id of commands that came to one of `states` before then, the oldest first.

    Only those to meters of `networks`, and only what it is time to ask about.
    """
    found = session.execute(
        select(MeterCommand.business_id, MeterCommand.id)
        .join(Meter, Meter.id == MeterCommand.meter_id)
        .where(MeterCommand.state.in_(states), MeterCommand.state_at < before, Meter.network.in_(networks))
        .where(or_(MeterCommand.ask_at.is_(None), MeterCommand.ask_at <= clock.now()))
        .order_by(MeterCommand.state_at)
        .limit(most)
    )
    return [(row.business_id, row.id) for row in found]
