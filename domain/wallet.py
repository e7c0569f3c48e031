"""The wallet: what a customer has left with the business. It is never below zero, whoever takes from it at once."""

from typing import Final
from uuid import UUID

from domain.door import Visit
from domain.money import Money

# The row is what every line on the wallet has to pass, so whoever holds it knows the balance until the commit.
_BALANCE: Final = """
    SELECT balance_minor FROM ledger_account
    WHERE holder_id = %(customer_id)s AND kind = 'wallet' AND currency = %(currency)s
"""


def wallet_of(visit: Visit, customer_id: UUID, currency: str) -> Money:
    """Return what is in a customer's wallet."""
    return _read(visit, _BALANCE, customer_id, currency)


def hold_wallet(visit: Visit, customer_id: UUID, currency: str) -> Money:
    """Return what is in a customer's wallet, and let nobody else book on it before this transaction ends.

    Whoever is to spend from it asks this first, and says no; a posting that would go below zero is refused anyway, but
    then the whole transaction is.
    """
    return _read(visit, f"{_BALANCE} FOR NO KEY UPDATE", customer_id, currency)


def _read(visit: Visit, statement: str, customer_id: UUID, currency: str) -> Money:
    rows = visit.ask(statement, {"customer_id": customer_id, "currency": currency})
    return Money(rows[0][0] if rows else 0, currency)
