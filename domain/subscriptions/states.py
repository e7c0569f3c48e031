"""The states of a subscription, and what leads from one to another: a machine, and the only place that knows."""

from typing import Final

from transitions import Machine

PENDING, ACTIVE, PAUSED, STOPPED, EXPIRED, CANCELLED = SUBSCRIPTION_STATUSES = (
    "pending",
    "active",
    "paused",
    "stopped",
    "expired",
    "cancelled",
)
BEGIN, PAUSE, RESUME, STOP, EXPIRE, REACTIVATE, RENEW, CANCEL = (
    "begin",
    "pause",
    "resume",
    "stop",
    "expire",
    "reactivate",
    "renew",
    "cancel",
)
# What changes something and leaves the state as it is: a planned pause, its withdrawal; and what an import brought.
SCHEDULE, UNSCHEDULE, IMPORT = "schedule_pause", "cancel_pause", "import"
ACTIONS: Final = (BEGIN, PAUSE, RESUME, STOP, EXPIRE, REACTIVATE, RENEW, CANCEL, SCHEDULE, UNSCHEDULE, IMPORT)

# Stop is final; a fresh period may follow it. Only what is active expires: nothing that is paused or stopped does.
_STEPS: Final = (
    (BEGIN, (PENDING,), ACTIVE),
    (PAUSE, (ACTIVE,), PAUSED),
    (RESUME, (PAUSED,), ACTIVE),
    (STOP, (ACTIVE, PAUSED), STOPPED),
    (EXPIRE, (ACTIVE,), EXPIRED),
    (REACTIVATE, (STOPPED, EXPIRED), ACTIVE),
    (CANCEL, (PENDING, ACTIVE), CANCELLED),
    *((RENEW, (same,), same) for same in (PENDING, ACTIVE, PAUSED)),
    (SCHEDULE, (ACTIVE,), ACTIVE),
    (UNSCHEDULE, (ACTIVE,), ACTIVE),
)
MACHINE: Final = Machine(
    model=None,
    states=list(SUBSCRIPTION_STATUSES),
    transitions=[
        {"trigger": action, "source": source, "dest": to} for action, sources, to in _STEPS for source in sources
    ],
    initial=PENDING,
    auto_transitions=False,
)


class IllegalTransition(Exception):
    """The subscription may not do that from where it is."""

    def __init__(self, status: str, action: str) -> None:
        self.status = status
        self.action = action
        super().__init__(f"a subscription that is {status} can't {action.replace('_', ' ')}")


def state_after(status: str, action: str) -> str:
    """Return the state that `action` leads to. Raises IllegalTransition."""
    steps = MACHINE.events[action].transitions.get(status)
    if not steps:
        raise IllegalTransition(status, action)
    return str(steps[0].dest)


def may(status: str, action: str) -> bool:
    """Tell whether `action` is possible from `status`."""
    return status in MACHINE.events[action].transitions
