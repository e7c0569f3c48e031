"""Twilio, as far as a test plays it: forms, signed, posted to the service."""

from collections.abc import Mapping
from itertools import count
from typing import Any

from flask import Flask
from twilio.request_validator import RequestValidator
from werkzeug.test import TestResponse

from tests.world import ACCOUNT_SID, AUTH_TOKEN, BASE_URL

_numbers = count(1)


def new_sid() -> str:
    """Return a message SID that no other message of this test process has."""
    return f"SM{next(_numbers):032x}"


def sign(url: str, form: Mapping[str, Any], token: str = AUTH_TOKEN) -> str:
    """Return the signature of a form posted to `url`."""
    return str(RequestValidator(token).compute_signature(url, form))


def inbound(channel: str, sender: str, to: str, body: str = "", **params: str) -> dict[str, str]:
    """Return the form of an inbound message."""
    prefix = "whatsapp:" if channel == "whatsapp" else ""
    return {
        "MessageSid": new_sid(),
        "AccountSid": ACCOUNT_SID,
        "From": prefix + sender,
        "To": prefix + to,
        "Body": body,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsStatus": "received",
        "ApiVersion": "2010-04-01",
        **params,
    }


def post(
    app: Flask, path: str, form: Mapping[str, str], *, signature: str | None = None, **kwargs: Any
) -> TestResponse:
    """Post `form` to `path`, signed unless `signature` says otherwise."""
    if signature is None:
        signature = sign(BASE_URL + path, form)
    headers = {"X-Twilio-Signature": signature} if signature else {}
    return app.test_client().post(path, data=dict(form), headers=headers, **kwargs)


def deliver(app: Flask, form: Mapping[str, str], **kwargs: Any) -> TestResponse:
    """Deliver an inbound message."""
    return post(app, "/webhooks/twilio/messages", form, **kwargs)
