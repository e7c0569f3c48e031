"""The states of a purchase, and what leads from one to another: a machine, and the only place that knows."""

from typing import Final

from transitions import Machine

ASKED, AWAITING, PAID, VENDING, IN_DOUBT, ISSUED, FAILED, REFUNDED = PURCHASE_STATES = (
    "asked",
    "awaiting_payment",
    "paid",
    "vending",
    "in_doubt",
    "issued",
    "failed",
    "refunded",
)
WAIT, PAY, SEND, DOUBT, RETRY, ISSUE, FAIL, REFUND = "wait", "pay", "send", "doubt", "retry", "issue", "fail", "refund"

# Nothing leaves `issued`, `failed` (no money was taken) and `refunded`. What is in doubt is sent again only after the
# vendor has said that it knows nothing of it; a vendor that was not reached lets a purchase stay paid.
_STEPS: Final = (
    (WAIT, (ASKED, AWAITING), AWAITING),
    (PAY, (ASKED, AWAITING), PAID),
    (FAIL, (ASKED, AWAITING), FAILED),
    (SEND, (PAID, IN_DOUBT), VENDING),
    (DOUBT, (VENDING, IN_DOUBT), IN_DOUBT),
    (RETRY, (VENDING,), PAID),
    (ISSUE, (VENDING, IN_DOUBT), ISSUED),
    (REFUND, (PAID, VENDING, IN_DOUBT), REFUNDED),
)
MACHINE: Final = Machine(
    model=None,
    states=list(PURCHASE_STATES),
    transitions=[
        {"trigger": action, "source": source, "dest": to} for action, sources, to in _STEPS for source in sources
    ],
    initial=ASKED,
    auto_transitions=False,
)
# By action: the states that it may be done from, and the one that it leads to.
FROM: Final = {action: sources for action, sources, _ in _STEPS}
TO: Final = {action: to for action, _, to in _STEPS}
# Money was taken, and neither a token nor the money is with the customer yet.
OPEN: Final = (PAID, VENDING, IN_DOUBT)
# What counts as bought in a month.
BOUGHT: Final = (*OPEN, ISSUED)


def may(state: str, action: str) -> bool:
    """Tell whether `action` is possible from `state`."""
    return state in MACHINE.events[action].transitions
