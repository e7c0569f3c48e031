"""Where the customers of a folder are reached: their contacts, the links to them, and consent to marketing."""

from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from bot.importer.files import CUSTOMERS
from bot.importer.staging import staged
from domain.clock import now
from domain.ids import ROW_ID, row_stamp

# A plain "no" of a customer whom we did not know is no decision.
_CONSENT_CHANGES: Final = f"""
CREATE TEMP TABLE consent_change ON COMMIT DROP AS
SELECT staged.account_no, staged.marketing_consent AS granted FROM {staged(CUSTOMERS)} AS staged
LEFT JOIN customer ON customer.account_no = staged.account_no
WHERE staged.marketing_consent <> COALESCE(customer.marketing_consent, false) AND :file_has_consent
"""  # noqa: S608  names of our own
_UNLINK: Final = f"""
DELETE FROM contact_customer USING contact, customer, {staged(CUSTOMERS)} AS staged
WHERE contact.id = contact_id AND customer.id = customer_id AND customer.account_no = staged.account_no
  AND source = 'import'
  AND contact.address IS DISTINCT FROM CASE contact.channel WHEN 'email' THEN customer.email ELSE customer.phone END
"""  # noqa: S608  names of our own
# A customer's phone is a contact on WhatsApp and on SMS, the e-mail address one by e-mail. Only those that are not
# linked yet go on from here: for a folder that was taken in before, none.
_REACHED_AT: Final = f"""
CREATE TEMP TABLE reached_at ON COMMIT DROP AS
SELECT customer.id AS customer_id, way.channel, way.address FROM {staged(CUSTOMERS)} AS staged
JOIN customer USING (account_no)
CROSS JOIN LATERAL (VALUES ('whatsapp', customer.phone), ('sms', customer.phone), ('email', customer.email))
    AS way (channel, address)
WHERE way.address IS NOT NULL AND NOT EXISTS (
    SELECT FROM contact JOIN contact_customer AS link ON link.contact_id = contact.id
    WHERE contact.channel = way.channel AND contact.address = way.address AND link.customer_id = customer.id)
"""  # noqa: S608  names of our own
_CONTACTS: Final = f"""
INSERT INTO contact (id, created_at, business_id, channel, address)
SELECT {ROW_ID}, :now, :business_id, channel, address FROM (
    SELECT channel, address, row_number() OVER (ORDER BY channel, address) AS n
    FROM reached_at GROUP BY channel, address) AS fresh
ORDER BY n
ON CONFLICT (business_id, channel, address) DO NOTHING
"""  # noqa: S608  an expression of our own
# Said of each contact that a customer has, and has got: what changed, and, where a consenting customer has another
# phone now, that it goes for that too, unless somebody there has decided already. Where two customers on one phone
# say different things at once, no is taken for an answer.
_LINKS_AND_CONSENTS: Final = f"""
WITH linked AS (
    INSERT INTO contact_customer (id, created_at, business_id, contact_id, customer_id, source)
    SELECT {ROW_ID}, :now, :business_id, contact_id, customer_id, 'import' FROM (
        SELECT contact.id AS contact_id, customer_id, row_number() OVER (ORDER BY contact.id) AS n
        FROM reached_at JOIN contact USING (channel, address)) AS fresh
    ORDER BY n
    ON CONFLICT (contact_id, customer_id) DO NOTHING
    RETURNING contact_id, customer_id
), said AS (
    SELECT link.contact_id, change.granted FROM consent_change AS change
    JOIN customer USING (account_no)
    JOIN (SELECT contact_id, customer_id FROM contact_customer UNION ALL TABLE linked) AS link
        ON link.customer_id = customer.id
    UNION ALL
    SELECT linked.contact_id, true FROM linked
    JOIN customer ON customer.id = linked.customer_id AND customer.marketing_consent
    WHERE NOT EXISTS (SELECT FROM consent_change WHERE consent_change.account_no = customer.account_no)
      AND NOT EXISTS (SELECT FROM consent WHERE consent.contact_id = linked.contact_id AND topic = 'marketing')
)
INSERT INTO consent (id, created_at, business_id, contact_id, topic, granted, source)
SELECT {ROW_ID}, :now, :business_id, contact_id, 'marketing', granted, 'import' FROM (
    SELECT contact_id, bool_and(granted) AS granted, row_number() OVER (ORDER BY contact_id) AS n
    FROM said GROUP BY contact_id) AS decided
ORDER BY n
"""  # noqa: S608  an expression of our own


def note_consents(session: Session, header: list[str]) -> None:
    """Note whose consent the file changes. Comes before the customers are taken in, while the old one is known."""
    session.execute(text(_CONSENT_CHANGES), {"file_has_consent": "marketing_consent" in header})
    session.execute(text("ANALYZE consent_change"))


def reach_customers(session: Session, business_id: UUID) -> None:
    """Make the contacts and links of the customers follow their phones and addresses, and write consents down.

    Comes last: a stranger who writes meanwhile, and whose contact this makes, waits from here to the commit.
    """
    values = {"business_id": business_id, "now": now(), "stamp": row_stamp()}
    session.execute(text(_UNLINK))
    session.execute(text(_REACHED_AT))
    session.execute(text("ANALYZE reached_at"))
    session.execute(text(_CONTACTS), values)
    session.execute(text(_LINKS_AND_CONSENTS), values)
