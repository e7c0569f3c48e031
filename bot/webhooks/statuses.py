"""Status callbacks: stored at once, exactly as they came; a worker folds them into the messages."""

from uuid import UUID

import structlog
from flask import Blueprint, Response, request

from bot import metrics
from bot.channels.twilio_form import address_of, clean
from bot.errors import one_line
from bot.jobs.queues import EVENTS
from bot.services import services
from bot.webhooks.signature import signed_by_twilio
from domain.deliveries import store_event
from domain.door import DATABASE_ERRORS

log = structlog.get_logger()
statuses = Blueprint("twilio_statuses", __name__)


@statuses.post("/webhooks/twilio/status")
@signed_by_twilio
def receive() -> Response:
    """Store one callback. 204 once it is stored."""
    form = clean(request.form)
    channel, address = address_of(form.get("From", ""))
    try:
        with services().door.for_one_statement() as visit:
            stored = store_event(visit, channel, address, _message_id(request.args.get("message", "")), form)
    except DATABASE_ERRORS as error:
        log.error("status not stored: the database did not do it", error=one_line(error))
        return Response(status=503)
    if not stored:
        log.warning("status for a number that is not ours", channel=channel)
        return Response(status=204)
    metrics.events_stored.inc()
    services().bell.ring(EVENTS)
    return Response(status=204)


def _message_id(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None
