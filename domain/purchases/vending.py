"""Having the vendor issue what was paid for, and settling what nobody knows.

A purchase is claimed, in a transaction of its own, before the vendor is called; so whoever dies leaves it `vending`,
and it is asked about before anything else is tried. The reference is always the same, so that one purchase is one
charge however often it is sent. What is written down afterwards holds only for the attempt that it belongs to.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from domain.clock import now
from domain.door import Visit
from domain.ids import new_id
from domain.purchases.states import DOUBT, FROM, ISSUE, RETRY, SEND
from domain.vendors.requests import ChargeRequest, MeterAt
from domain.vendors.results import Charge

# How long until the next try: soon at first, then every minute.
_PAUSES: Final = (1, 2, 5, 10, 20, 30, 60)
# What could not be issued in so long a time goes back into the wallet.
GIVE_UP_AFTER: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A purchase that is ours to work on. `state` says what for: `vending` to send it, `in_doubt` to ask about it.

    `sent_at` is when the vendor was last sent it without an answer; `refused` why it then said no; `give_back` that the
    money is wanted back, by staff or because it takes too long.
    """

    purchase_id: UUID
    business_id: UUID
    meter: MeterAt
    units: int
    state: str
    attempt: int
    sent_at: datetime | None
    refused: str | None
    give_back: bool

    @property
    def request(self) -> ChargeRequest:
        """What the vendor is asked."""
        return ChargeRequest(str(self.purchase_id), self.meter, self.units)


# What was being sent when its process died may or may not have reached the vendor: it is in doubt. Each claim is for
# longer than the vendor may take, then somebody else may look.
_CLAIM: Final = """
    WITH due AS (
        SELECT id FROM purchase WHERE due_at <= %(now)s ORDER BY due_at LIMIT %(most)s FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE purchase SET
        state = CASE WHEN state = 'paid' AND refund_asked_at IS NULL AND paid_at >= %(too_long)s
                     THEN 'vending' ELSE 'in_doubt' END,
        sent_at = CASE WHEN state = 'vending' THEN state_at ELSE sent_at END,
        doubt_since = CASE WHEN state = 'vending' THEN COALESCE(doubt_since, %(now)s) ELSE doubt_since END,
        state_at = %(now)s, attempts = attempts + 1,
        due_at = CASE WHEN state = 'paid' THEN %(sent_until)s ELSE %(asked_until)s END
    FROM due, meter WHERE purchase.id = due.id AND meter.id = purchase.meter_id
    RETURNING purchase.id, purchase.business_id, meter.id, meter_no, units, state, attempts, sent_at, refused,
              refund_asked_at IS NOT NULL OR paid_at < %(too_long)s
"""
_ANY_DUE: Final = """
    SELECT EXISTS (SELECT FROM purchase WHERE due_at <= %(now)s)
        OR EXISTS (SELECT FROM purchase WHERE tell IS NOT NULL)
        OR EXISTS (SELECT FROM meter_question WHERE due_at <= %(now)s)
"""
_OURS: Final = "id = %(id)s AND attempts = %(attempt)s AND state = ANY(%(from)s)"
_MOVE: Final = f"""
    UPDATE purchase SET state = %(to)s, state_at = %(now)s, due_at = %(due_at)s,
        sent_at = COALESCE(%(sent_at)s::timestamptz, sent_at), refused = COALESCE(%(refused)s::text, refused),
        detail = %(detail)s,
        doubt_since = CASE WHEN %(doubted)s THEN COALESCE(doubt_since, %(now)s) ELSE doubt_since END
    WHERE {_OURS} RETURNING id
"""  # noqa: S608  a condition of our own
_ISSUED: Final = f"""
    UPDATE purchase SET state = 'issued', state_at = %(now)s, issued_at = %(now)s, due_at = NULL,
                        vendor_id = %(vendor_id)s, detail = NULL
    WHERE {_OURS} RETURNING id
"""  # noqa: S608
_STILL_OURS: Final = f"SELECT id FROM purchase WHERE {_OURS} FOR UPDATE"  # noqa: S608
_WRITE: Final = """
    INSERT INTO token (id, created_at, business_id, purchase_id, meter_id, reference, part, kind, digits, units,
                       issued_at)
    VALUES (%(id)s, %(now)s, %(business_id)s, %(purchase_id)s, %(meter_id)s, %(reference)s, %(part)s, %(kind)s,
            %(digits)s, %(units)s, %(issued_at)s)
"""
_LATE: Final = """
    UPDATE purchase SET told_late_at = %(now)s
    WHERE id = %(id)s AND told_late_at IS NULL AND due_at IS NOT NULL RETURNING id
"""


def claim(visit: Visit, most: int, sending: timedelta, asking: timedelta) -> list[Claimed]:
    """Claim up to `most` purchases that it is time for, of all businesses, for as long as each may take."""
    at = now()
    values = {"now": at, "sent_until": at + sending, "asked_until": at + asking, "most": most}
    values["too_long"] = at - GIVE_UP_AFTER
    return [
        Claimed(purchase_id, business_id, MeterAt(business_id, meter_id, meter_no), *rest)
        for purchase_id, business_id, meter_id, meter_no, *rest in visit.ask(_CLAIM, values)
    ]


def anything_due(visit: Visit) -> bool:
    """Tell whether there is work for the vending queue."""
    ((due,),) = visit.ask(_ANY_DUE, {"now": now()})
    return bool(due)


def next_pause(attempt: int) -> timedelta:
    """Return how long to wait after an attempt that settled nothing."""
    return timedelta(seconds=_PAUSES[min(attempt, len(_PAUSES)) - 1])


def send_again(visit: Visit, one: Claimed) -> bool:
    """Let a purchase that the vendor knows nothing of be sent again, now, by whoever has claimed it."""
    return _moved(visit, one, SEND, "vending", due_at=None, keep_due=True)


def let_wait(visit: Visit, one: Claimed, why: str) -> bool:
    """Nothing was done: it stays paid, and is tried again."""
    return _moved(visit, one, RETRY, "paid", due_at=now() + next_pause(one.attempt), detail=why)


def doubt(
    visit: Visit, one: Claimed, why: str, due_at: datetime, *, sent_at: datetime | None = None,
    refused: str | None = None,
) -> bool:  # fmt: skip
    """Nobody knows: it is asked about at `due_at`. With `sent_at` it was sent then, and may still come through."""
    return _moved(visit, one, DOUBT, "in_doubt", due_at=due_at, detail=why, sent_at=sent_at, refused=refused)


def note_issued(visit: Visit, one: Claimed, charge: Charge) -> bool:
    """Write the tokens of a purchase down. False when somebody else settled it meanwhile."""
    if not visit.ask(_ISSUED, {**_ours(one, ISSUE), "now": now(), "vendor_id": charge.vendor_id}):
        return False
    for part, token in enumerate(charge.tokens, 1):
        values = {"id": new_id(), "now": now(), "business_id": one.business_id, "purchase_id": one.purchase_id}
        values |= {"meter_id": one.meter.meter_id, "reference": charge.reference, "part": part}
        values |= {"kind": token.kind.value, "digits": token.digits, "units": token.units}
        visit.ask(_WRITE, {**values, "issued_at": charge.issued_at})
    return True


def still_ours(visit: Visit, one: Claimed, action: str) -> bool:
    """Tell whether a claim still holds, and the purchase may do `action`; it stays locked."""
    return bool(visit.ask(_STILL_OURS, _ours(one, action)))


def note_late(visit: Visit, purchase_id: UUID) -> bool:
    """Remember that the customer is told that it takes longer; False when they were, or it is settled."""
    return bool(visit.ask(_LATE, {"id": purchase_id, "now": now()}))


def _ours(one: Claimed, action: str) -> dict[str, Any]:
    return {"id": one.purchase_id, "attempt": one.attempt, "from": list(FROM[action])}


def _moved(  # noqa: PLR0913  what is written down
    visit: Visit, one: Claimed, action: str, to: str, *, due_at: datetime | None, keep_due: bool = False,
    detail: str | None = None, sent_at: datetime | None = None, refused: str | None = None,
) -> bool:  # fmt: skip
    statement = _MOVE.replace("due_at = %(due_at)s,", "") if keep_due else _MOVE
    values = {
        "to": to,
        "doubted": action == DOUBT,
        "now": now(),
        "detail": detail,
        "sent_at": sent_at,
        "refused": refused,
    }
    if not keep_due:
        values["due_at"] = due_at
    return bool(visit.ask(statement, {**_ours(one, action), **values}))
