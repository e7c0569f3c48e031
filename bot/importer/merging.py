"""From the staging tables into the tables: what is new is added, what differs is updated, the rest is not touched."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from bot.importer.files import CUSTOMERS, INVOICES, PLANS, SUBSCRIPTIONS, File
from bot.importer.staging import staged
from domain.clock import now

_STATUS = """
CASE WHEN staged.paid >= staged.total THEN 'paid' WHEN staged.paid > 0 THEN 'part_paid' ELSE 'issued' END
"""
_CONSENT_CHANGES = f"""
CREATE TEMP TABLE consent_change ON COMMIT DROP AS
SELECT staged.account_no, staged.marketing_consent AS granted FROM {staged(CUSTOMERS)} AS staged
LEFT JOIN customer ON customer.account_no = staged.account_no
WHERE staged.marketing_consent <> COALESCE(customer.marketing_consent, false)
"""  # noqa: S608  names of our own
# A customer's phone is a contact on WhatsApp and on SMS, the e-mail address one by e-mail.
_REACHED_AT = f"""
CREATE TEMP TABLE reached_at ON COMMIT DROP AS
SELECT customer.id AS customer_id, way.channel, way.address FROM {staged(CUSTOMERS)}
JOIN customer USING (account_no)
CROSS JOIN LATERAL (VALUES ('whatsapp', customer.phone), ('sms', customer.phone), ('email', customer.email))
    AS way (channel, address)
WHERE way.address IS NOT NULL
"""  # noqa: S608  names of our own
_UNLINK = f"""
DELETE FROM contact_customer USING contact, customer
WHERE contact.id = contact_id AND customer.id = contact_customer.customer_id AND source = 'import'
  AND customer.account_no IN (SELECT account_no FROM {staged(CUSTOMERS)})
  AND NOT EXISTS (SELECT FROM reached_at WHERE reached_at.customer_id = customer.id
                  AND reached_at.channel = contact.channel AND reached_at.address = contact.address)
"""  # noqa: S608  names of our own
_CONTACTS = """
INSERT INTO contact (id, created_at, business_id, channel, address)
SELECT gen_random_uuid(), :now, :business_id, channel, address FROM reached_at GROUP BY channel, address
ON CONFLICT (business_id, channel, address) DO NOTHING
"""
_LINKS = """
INSERT INTO contact_customer (id, created_at, business_id, contact_id, customer_id, source)
SELECT gen_random_uuid(), :now, :business_id, contact.id, customer_id, 'import'
FROM reached_at JOIN contact USING (channel, address)
ON CONFLICT (contact_id, customer_id) DO NOTHING
"""
_CONSENTS = """
INSERT INTO consent (id, created_at, business_id, contact_id, topic, granted, source)
SELECT gen_random_uuid(), :now, :business_id, contact_id, 'marketing', bool_or(granted), 'import'
FROM consent_change JOIN customer USING (account_no) JOIN contact_customer ON customer_id = customer.id
GROUP BY contact_id
"""


@dataclass(frozen=True, slots=True)
class Merged:
    """What became of the rows of a file."""

    new: int
    changed: int


def merge(session: Session, file: File, header: list[str], business_id: UUID, currency: str) -> Merged:
    """Take the staged rows of `file` into its table. Columns that the file leaves out keep what they hold."""
    if file is CUSTOMERS:
        session.execute(text(_CONSENT_CHANGES))
    values = {"business_id": business_id, "now": now(), "currency": currency}
    merged = Merged(*session.execute(text(_statement(file, header)), values).one())
    if file is CUSTOMERS:
        for statement in (_REACHED_AT, _UNLINK, _CONTACTS, _LINKS, _CONSENTS):
            session.execute(text(statement), values if ":now" in statement else {})
    return merged


def _statement(file: File, header: list[str]) -> str:
    """Return the one statement that adds and updates, and counts what it did."""
    sources, kept = _sources(file, header)
    joins = "".join(
        f" JOIN {table} ON {table}.{key} = staged.{column}"
        for column, table, key in (("account_no", "customer", "account_no"), ("plan", "plan", "code"))
        if column in file.refers
    )
    key = ", ".join(file.key if file.table == "sender" else ("business_id", *file.key))
    updated = [target for target in sources if target not in {*file.key, *kept}]
    return f"""
        WITH merged AS (
            INSERT INTO {file.table} (id, created_at, business_id, {", ".join(sources)})
            SELECT staged.id, :now, :business_id, {", ".join(sources.values())}
            FROM {staged(file)} AS staged{joins}
            ON CONFLICT ({key}) {_update(file.table, updated)}
            RETURNING xmax = 0 AS is_new
        )
        SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new) FROM merged
        """  # noqa: S608  names of our own


def _update(table: str, columns: list[str]) -> str:
    if not columns:
        return "DO NOTHING"
    return f"""DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in columns)}
            WHERE ({", ".join(f"{table}.{name}" for name in columns)})
                IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in columns)})"""


def _sources(file: File, header: list[str]) -> tuple[dict[str, str], set[str]]:
    """Return for each column of the table where its value comes from, and which are not updated."""
    sources = {column.target: f"staged.{column.name}" for column in file.columns if column.name not in file.refers}
    kept = {column.target for column in file.columns if column.name not in header}
    if "account_no" in file.refers:
        sources["customer_id"] = "customer.id"
    if file is SUBSCRIPTIONS:
        sources["plan_id"] = "plan.id"
        sources["last_day"] = "COALESCE(staged.end_date, staged.start_date + plan.days - 1)"
        kept.discard("last_day")
    if file is INVOICES:
        sources["status"] = _STATUS
    if file is INVOICES or file is PLANS:
        sources["currency"] = "CAST(:currency AS text)"
        kept.add("currency")
    if file.table == "sender":
        sources["enabled"] = "true"
        kept.add("enabled")
    return sources, kept
