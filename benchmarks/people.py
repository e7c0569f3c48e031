"""Many people to write to: a business, its WhatsApp number, and a conversation with each of them."""

import psycopg

SENDER = "+966112000001"

_PEOPLE = (
    """
    INSERT INTO business (id, created_at, code, name_en, name_ar, currency, timezone, country, vat_rate, language)
        VALUES (gen_random_uuid(), now(), 'NOOR', 'Noor Electricity', 'كهرباء النور', 'SAR', 'Asia/Riyadh', 'SA', 0.15,
                'ar')
    """,
    """
    INSERT INTO sender (id, created_at, business_id, channel, address, messages_per_second, enabled)
        SELECT gen_random_uuid(), now(), id, 'whatsapp', %(sender)s, 99999, true FROM business
    """,
    """
    INSERT INTO contact (id, created_at, business_id, channel, address, language)
        SELECT gen_random_uuid(), now(), id, 'whatsapp', '+9665' || lpad(n::text, 8, '0'), 'ar'
        FROM business, generate_series(1, %(people)s) AS n
    """,
    """
    INSERT INTO conversation (id, created_at, business_id, sender_id, contact_id, data, turns, misses, last_inbound_at)
        SELECT gen_random_uuid(), now(), contact.business_id, sender.id, contact.id, '{}', 1, 0, now()
        FROM contact, sender
    """,
)
_MESSAGES = """
INSERT INTO message (id, created_at, business_id, direction, channel, kind, sender_id, contact_id, conversation_id,
                     status, text, media, params, attempts, due_at, provider_sid, accepted_at)
    SELECT gen_random_uuid(), now(), business_id, 'outbound', 'whatsapp', 'reply', sender_id, contact_id, id,
           %(status)s::text, 'Your balance is SAR 214.35. It is due on 29 November 2026.', '[]', '{}', 0, now(),
           CASE %(status)s::text WHEN 'accepted' THEN 'SM' || md5(id::text || random()) END,
           CASE %(status)s::text WHEN 'accepted' THEN now() END
    FROM conversation ORDER BY id LIMIT %(number)s
"""


def add_people(database: psycopg.Connection, people: int) -> None:
    """Add a business with so many people."""
    for statement in _PEOPLE:
        database.execute(statement, {"sender": SENDER, "people": people})
    database.execute("VACUUM ANALYZE")


def add_messages(database: psycopg.Connection, number: int, status: str = "queued") -> None:
    """Add a message for each of so many people, in a status: to be sent, or accepted."""
    database.execute(_MESSAGES, {"status": status, "number": number})
    database.execute("VACUUM ANALYZE message")
