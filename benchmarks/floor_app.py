"""Floor A: a bare Flask view that checks the signature, inserts one row, commits and answers TwiML."""

import os
import threading

import psycopg
from flask import Flask, Response, request
from twilio.request_validator import RequestValidator

app = Flask(__name__)
_validator = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"])
_here = threading.local()


def _connection() -> psycopg.Connection:
    if not hasattr(_here, "connection"):
        _here.connection = psycopg.connect(os.environ["DATABASE_URL"])
    return _here.connection


@app.post("/webhooks/twilio/messages")
def receive() -> Response:
    """Do the least that a webhook which keeps its message must do."""
    url = os.environ["PUBLIC_BASE_URL"] + request.environ["RAW_URI"]
    if not _validator.validate(url, request.form, request.headers.get("X-Twilio-Signature", "")):
        return Response(status=403)
    connection = _connection()
    connection.execute(
        "INSERT INTO floor (sid, sender, body) VALUES (%s, %s, %s)",
        (request.form["MessageSid"], request.form["From"], request.form["Body"]),
    )
    connection.commit()
    return Response('<?xml version="1.0" encoding="UTF-8"?><Response/>', content_type="text/xml")
