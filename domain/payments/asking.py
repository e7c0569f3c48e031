"""Which payments the gateway is to be asked about, and when next: soon at first, then at growing pauses."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from domain.clock import now
from domain.door import Visit
from domain.payments.reading import COLUMNS, Payment, read_row
from domain.payments.states import CREATED, IN_DOUBT, PENDING
from domain.payments.tables import AT_GATEWAY

# Whoever has taken a payment on has so long for it; then another does.
_LEASE: Final = timedelta(minutes=2)
# After the request's time limit nothing of it is on its way any more, and the gateway's list has it.
SETTLING: Final = timedelta(seconds=60)
MOST_TRIES: Final = 3
# Minutes from one question to the next, while somebody may be paying; then up to six hours.
_PAUSES: Final = (1, 2, 3, 5, 8, *((10,) * 10), 15, 20, 30, 60, 120, 240, 360)
# After the end money may still come: it is looked for a few times more.
_AFTER_THE_END: Final = (timedelta(minutes=30), timedelta(hours=6), timedelta(days=1), timedelta(days=3))

_DUE: Final = "SELECT EXISTS (SELECT FROM payment WHERE ask_at <= %(now)s)"
_TAKE: Final = f"""
    UPDATE payment SET ask_at = %(until)s
    WHERE id IN (SELECT id FROM payment WHERE ask_at <= %(now)s ORDER BY ask_at LIMIT %(most)s
                 FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING {COLUMNS}
"""  # noqa: S608  columns of our own
# Unless somebody wanted to know since it was taken on: then it is due again.
_AGAIN: Final = """
    UPDATE payment SET ask_at = %(ask_at)s, asks = asks + 1, wants_word = false
    WHERE id = %(payment_id)s AND ask_at IS NOT DISTINCT FROM %(taken)s
"""
_AT_ONCE: Final = """
    UPDATE payment SET ask_at = %(now)s, wants_word = wants_word OR %(wants_word)s
    WHERE customer_id = %(customer_id)s AND status = ANY(%(open)s) AND method = ANY(%(methods)s)
    RETURNING id
"""
_THIS_AT_ONCE: Final = """
    UPDATE payment SET ask_at = %(now)s
    WHERE id = %(payment_id)s AND method = ANY(%(methods)s) AND (status = ANY(%(open)s) OR page_id IS NOT NULL)
    RETURNING id
"""


# Who has a link and a bill for the same says once that they have paid. Two that look at once come one after the other.
_WORD_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%(subject)s, 0))"
_ANOTHER: Final = """
    SELECT EXISTS (SELECT FROM payment
        WHERE customer_id = %(customer_id)s AND id <> %(payment_id)s
          AND (wants_word AND status = ANY(%(open)s) OR received_minor IS NOT NULL AND status_at > %(since)s))
"""
_JUST_NOW: Final = timedelta(minutes=2)


def any_due(visit: Visit) -> bool:
    """Tell whether a payment is to be looked after."""
    ((found,),) = visit.ask(_DUE, {"now": now()})
    return bool(found)


def take_due(visit: Visit, most: int) -> list[Payment]:
    """Take up to `most` payments on that are to be looked after. Must be committed before a gateway is asked."""
    at = now()
    rows = visit.ask(_TAKE, {"now": at, "until": at + _LEASE, "most": most})
    return [read_row(row) for row in rows]


def ask_again(visit: Visit, payment: Payment, at: datetime | None) -> None:
    """Let a payment be looked after at an instant; None: never again by itself."""
    visit.ask(_AGAIN, {"payment_id": payment.id, "ask_at": at, "taken": payment.ask_at})


def next_ask(payment: Payment) -> datetime:
    """Return when to ask next about a payment that nothing is known of yet: not long after its end, too."""
    pause = timedelta(minutes=_PAUSES[min(payment.asks, len(_PAUSES) - 1)])
    at = now()
    if payment.expires_at is not None and at < payment.expires_at:
        return min(at + pause, payment.expires_at + timedelta(minutes=1))
    return at + pause


def ask_after_the_end(payment: Payment) -> datetime | None:
    """Return when to look for late money next; None when it was looked for often enough."""
    pause = next((one for one in _AFTER_THE_END if payment.status_at + one > now()), None)
    return payment.status_at + pause if pause else None


def ask_at_once(visit: Visit, customer_id: UUID) -> int:
    """Let every open payment of a customer who says that they have paid be asked about now. Returns how many."""
    values = {"now": now(), "customer_id": customer_id, "wants_word": True}
    return len(visit.ask(_AT_ONCE, {**values, **_OPEN}))


def is_last_word(visit: Visit, payment: Payment) -> bool:
    """Tell whether nothing else of the customer's came just now or is still asked about, after `ask_again` for it.

    Only then is it certain that what they say to have paid has not come.
    """
    visit.ask(_WORD_LOCK, {"subject": f"word {payment.customer_id}"})
    values = {"customer_id": payment.customer_id, "payment_id": payment.id, "since": now() - _JUST_NOW, **_OPEN}
    ((another,),) = visit.ask(_ANOTHER, values)
    return not another


def ask_about(visit: Visit, payment_id: UUID) -> bool:
    """Let one payment be asked about now, for somebody has come back from paying it. False when there is no such."""
    return bool(visit.ask(_THIS_AT_ONCE, {"now": now(), "payment_id": payment_id, **_OPEN}))


_OPEN: Final = {"open": [CREATED, IN_DOUBT, PENDING], "methods": list(AT_GATEWAY)}
