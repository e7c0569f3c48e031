"""Balances, as the lines say."""

from typing import Final
from uuid import UUID

from domain.door import Visit
from domain.ledger.chart import Account
from domain.money import Money

_BALANCE: Final = """
    SELECT COALESCE(sum(amount_minor), 0) FROM journal_line WHERE account_id = (
        SELECT id FROM ledger_account
        WHERE holder_id = %(holder_id)s AND kind = %(kind)s AND currency = %(currency)s)
"""


def balance_of(visit: Visit, business_id: UUID, account: Account, currency: str) -> Money:
    """Return the balance of an account: above zero where more was debited than credited."""
    values = {"holder_id": account.customer_id or business_id, "kind": account.kind, "currency": currency}
    ((minor,),) = visit.ask(_BALANCE, values)
    return Money(int(minor), currency)
