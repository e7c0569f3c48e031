"""The states of a payment, and what leads from one to another: a machine, and the only place that knows."""

from typing import Final

from transitions import Machine

CREATED, PENDING, IN_DOUBT, PAID, SETTLED, FAILED, EXPIRED, REFUNDED = PAYMENT_STATUSES = (
    "created",
    "pending",
    "in_doubt",
    "paid",
    "settled",
    "failed",
    "expired",
    "refunded",
)
ASK, OFFER, RETRY, FAIL, EXPIRE, PAY, SETTLE, REFUND = ACTIONS = (
    "ask",
    "offer",
    "retry",
    "fail",
    "expire",
    "pay",
    "settle",
    "refund",
)

# What is asked of a gateway is in doubt from before the request until its answer: a process that dies in between leaves
# what has to be looked for. Money that comes after the end is money all the same.
_STEPS: Final = (
    (ASK, (CREATED,), IN_DOUBT),
    (OFFER, (CREATED, IN_DOUBT), PENDING),
    (RETRY, (IN_DOUBT,), CREATED),
    (FAIL, (CREATED, IN_DOUBT, PENDING), FAILED),
    (EXPIRE, (PENDING,), EXPIRED),
    (PAY, (CREATED, IN_DOUBT, PENDING, FAILED, EXPIRED), PAID),
    (SETTLE, (PAID,), SETTLED),
    (REFUND, (SETTLED,), REFUNDED),
)
MACHINE: Final = Machine(
    model=None,
    states=list(PAYMENT_STATUSES),
    transitions=[
        {"trigger": action, "source": source, "dest": to} for action, sources, to in _STEPS for source in sources
    ],
    initial=CREATED,
    auto_transitions=False,
)


class IllegalTransition(Exception):
    """The payment may not do that from where it is."""

    def __init__(self, status: str, action: str) -> None:
        self.status = status
        self.action = action
        super().__init__(f"a payment that is {status.replace('_', ' ')} can't {action}")


def sources_of(action: str) -> list[str]:
    """Return the states from which `action` is possible."""
    return list(MACHINE.events[action].transitions)


def state_after(action: str) -> str:
    """Return the state that `action` leads to, wherever it comes from."""
    return str(next(iter(MACHINE.events[action].transitions.values()))[0].dest)


def may(status: str, action: str) -> bool:
    """Tell whether `action` is possible from `status`."""
    return status in MACHINE.events[action].transitions
