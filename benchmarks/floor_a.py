"""Floor A, as other benchmarks ask it: its table, and requests to it (benchmarks/floor_app.py)."""

from uuid import uuid4

from benchmarks.load import prepared
from benchmarks.people import SENDER
from benchmarks.world import ACCOUNT, PUBLIC, TOKEN

APPLICATION = "benchmarks.floor_app:app"
CONNECTIONS = 16
TABLE = """
CREATE TABLE floor (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, sid text UNIQUE, sender text, body text);
GRANT INSERT ON floor TO raseed;
"""


def requests(number: int) -> list[bytes]:
    """Return so many signed messages, each with an id of its own."""
    url = f"{PUBLIC}/webhooks/twilio/messages"
    return [prepared(url, url, TOKEN, _form()) for _ in range(number)]


def _form() -> dict[str, str]:
    return {
        "MessageSid": f"SM{uuid4().hex}",
        "AccountSid": ACCOUNT,
        "From": "whatsapp:+966500000001",
        "To": f"whatsapp:{SENDER}",
        "Body": "1",
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsStatus": "received",
        "ApiVersion": "2010-04-01",
    }
