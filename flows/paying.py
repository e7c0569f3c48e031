"""Paying for a purchase by another way than the wallet: where such a step is joined on."""

from uuid import UUID

from domain.money import Money
from flows.reply import Go


def payment_step(purchase_id: UUID, missing: Money) -> Go | None:  # noqa: ARG001  what such a step is given
    """Return the flow that takes what is missing in the wallet; None while there is no other way to pay.

    That flow finds the purchase in its memory and offers its ways. When one is chosen it calls
    `domain.purchases.booking.await_payment`; when the money was booked into the wallet, `money_came`, which goes on.
    """
    return None
