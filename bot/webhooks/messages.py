"""Inbound messages: one transaction from what the customer said to the replies in the outbox."""

import structlog
from flask import Blueprint, Response, request

from bot import metrics
from bot.arrivals import take_in
from bot.channels.twilio_form import FormError, clean
from bot.errors import one_line
from bot.services import services
from bot.webhooks.signature import signed_by_twilio
from domain.door import DATABASE_ERRORS

log = structlog.get_logger()
messages = Blueprint("twilio_messages", __name__)

_NOTHING_TO_SAY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@messages.post("/webhooks/twilio/messages")
@signed_by_twilio
def receive() -> Response:
    """Take one message in. Replies go the one way through the outbox, so the answer is always empty."""
    try:
        with metrics.turn_seconds.time():
            take_in(services(), clean(request.form))
    except FormError as error:
        log.warning("webhook refused", why=str(error))
        return Response(status=400)
    except DATABASE_ERRORS as error:
        # Twilio does not repeat the request; the message stays in its list, where the safety net finds it.
        log.error("message not taken in: the database did not do it", error=one_line(error))
        return Response(status=503)
    return Response(_NOTHING_TO_SAY, content_type="text/xml")
