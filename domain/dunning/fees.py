"""Late fees: once for each invoice that is late, by the rules of the business; each is an invoice of its own."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domain.clock import now
from domain.door import Visit
from domain.dunning.rules import EVENING
from domain.dunning.stopping import FREE, OWED


@dataclass(frozen=True, slots=True)
class Late:
    """An invoice for which a fee is due, held by this transaction: whose, of which number, and how much (minor)."""

    business_id: UUID
    invoice_id: UUID
    customer_id: UUID
    invoice_no: str
    fee_minor: int


# A fee draws no fee; who is protected pays none.
_LATE: Final = f"""
    SELECT invoice.business_id, invoice.id, customer_id, invoice_no, late_fee_minor
    FROM dunning_rules AS rules JOIN business ON business.id = rules.business_id
    CROSS JOIN LATERAL (SELECT (%(now)s::timestamptz AT TIME ZONE timezone)::date AS today,
                               (%(now)s::timestamptz AT TIME ZONE timezone)::time AS wall) AS there
    JOIN invoice ON invoice.business_id = rules.business_id JOIN customer ON customer.id = customer_id
    WHERE late_fee_minor IS NOT NULL AND wall >= remind_at AND wall < %(evening)s
      AND {OWED} AND due_date + late_fee_days <= today AND NOT protected AND {FREE}
      AND NOT EXISTS (SELECT FROM holiday WHERE holiday.business_id = business.id AND holiday.date = today)
      AND NOT EXISTS (SELECT FROM late_fee WHERE invoice.id IN (late_fee.invoice_id, fee_invoice_id))
    ORDER BY invoice.business_id LIMIT %(most)s FOR NO KEY UPDATE OF invoice SKIP LOCKED
"""  # noqa: S608  conditions of our own
_NOTE: Final = """
    INSERT INTO late_fee (id, created_at, business_id, invoice_id, fee_invoice_id)
    SELECT gen_random_uuid(), %(now)s, %(business_id)s, invoice_id, fee_invoice_id
    FROM ROWS FROM (unnest(%(invoices)s::uuid[]), unnest(%(fees)s::uuid[])) AS one (invoice_id, fee_invoice_id)
"""


def late_invoices(visit: Visit, most: int) -> list[Late]:
    """Return up to `most` invoices for which a fee is due, held."""
    return [Late(*row) for row in visit.ask(_LATE, {"now": now(), "evening": EVENING, "most": most})]


def note_fees(visit: Visit, business_id: UUID, fees: dict[UUID, UUID]) -> None:
    """Write down which invoice is the fee for which. The database refuses a second fee, and undoes all."""
    visit.ask(
        _NOTE, {"business_id": business_id, "invoices": list(fees), "fees": list(fees.values()), "now": now()}
    )  # fmt: skip
