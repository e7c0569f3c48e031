"""Paying for a purchase by another way than the wallet: where such a step is joined on.

A way of paying is a flow. It finds `purchase` (the id) and `missing` (minor units) in its memory, takes the money for
the purpose `purchase`, books it into the wallet, and calls `domain.purchases.booking.money_came`, which goes on.
"""

from typing import Final
from uuid import UUID

from flows.reply import Entry, Go

# The choice that an entry sets off, and the flow that it leads to.
WAYS: Final[dict[str, str]] = {}


def ways_to_pay() -> tuple[Entry, ...]:
    """Return an entry for each way; none while no gateway is joined on."""
    return ()


def way_on(way: str, purchase_id: UUID, missing_minor: int) -> Go:
    """Return the step that takes the money."""
    return Go(WAYS[way], {"purchase": str(purchase_id), "missing": missing_minor})
