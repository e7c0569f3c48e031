"""What a payment is for, in a few words, as the gateway's page shows it; and whether it is still for anything."""

from typing import Final

from domain.door import Visit
from domain.invoices import OPEN_STATUSES
from domain.payments.reading import Payment
from domain.payments.tables import INVOICE

# Of many invoices the first are named: the gateway takes a few words only.
_MOST: Final = 3
_WHAT: Final = """
    SELECT COALESCE(name_en, ''), COALESCE((SELECT array_agg(invoice_no ORDER BY n) FROM payment_part
        JOIN invoice ON invoice.id = invoice_id WHERE payment_id = %(payment_id)s), '{}')
    FROM business WHERE id = %(business_id)s
"""
_STILL_OWED: Final = """
    SELECT EXISTS (SELECT FROM payment_part JOIN invoice ON invoice.id = invoice_id
                   WHERE payment_id = %(payment_id)s AND status = ANY(%(open)s))
"""


def described(visit: Visit, payment: Payment) -> str:
    """Return what the gateway's page says that is paid: the business, and the numbers of invoices."""
    ((business, numbers),) = visit.ask(_WHAT, {"payment_id": payment.id, "business_id": payment.business_id})
    more = ["…"] if len(numbers) > _MOST else []
    return " ".join([business, *numbers[:_MOST], *more])


def is_moot(visit: Visit, payment: Payment) -> bool:
    """Tell whether what is to be paid has been paid, or cancelled, by now."""
    if payment.purpose != INVOICE:
        return False
    ((owed,),) = visit.ask(_STILL_OWED, {"payment_id": payment.id, "open": list(OPEN_STATUSES)})
    return not owed
