"""Prepared messages that the tests register."""

from typing import Any

from twilio.rest import Client
from twilio.rest.content.v1.content import ContentList

BUTTONS = {
    "twilio/quick-reply": {
        "body": "Hello {{1}}, what shall it be?",
        "actions": [
            {"type": "QUICK_REPLY", "title": "Balance", "id": "balance"},
            {"type": "QUICK_REPLY", "title": "{{2}}", "id": "{{3}}"},
        ],
    }
}
ROWS = {
    "twilio/list-picker": {
        "body": "Which meter?",
        "button": "Choose",
        "items": [
            {"item": "Home", "id": "m1", "description": "Olaya, {{1}}"},
            {"item": "Farm", "id": "m2"},
        ],
    }
}
LINK = {
    "twilio/call-to-action": {
        "body": "Your invoice is ready.",
        "actions": [{"type": "URL", "title": "Open", "url": "https://noor.example/i/{{1}}"}],
    }
}
TEXT = {"twilio/text": {"body": "Your balance is {{1}} riyals today."}}
SAMPLES = {"1": "50", "2": "Pay", "3": "pay"}


def register(client: Client, types: dict[str, Any], variables: dict[str, str] | None = None, **more: str) -> str:
    """Return the SID of new content with these types."""
    wanted = {"friendly_name": "a", "language": "en", "types": types, "variables": variables or SAMPLES} | more
    made = client.content.v1.contents.create(ContentList.ContentCreateRequest(wanted))
    return str(made.sid)


def quick_replies(number: int, **action: str) -> dict[str, Any]:
    """Return a quick reply with that many buttons; `action` changes each."""
    actions = [{"type": "QUICK_REPLY", "title": f"T{n}", "id": f"i{n}"} | action for n in range(number)]
    return {"twilio/quick-reply": {"body": "Choose.", "actions": actions}}


def picker(number: int, button: str = "Open", **item: str) -> dict[str, Any]:
    """Return a list picker with that many rows; `item` changes each."""
    items = [{"item": f"T{n}", "id": f"i{n}", "description": "x"} | item for n in range(number)]
    return {"twilio/list-picker": {"body": "Choose.", "button": button, "items": items}}
