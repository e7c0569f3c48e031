"""Reports of meters, as the network pushes them: kept at once. They are signed, and only what is new counts."""

import hashlib
import hmac
import json
from typing import Final

import structlog
from flask import Blueprint, Response, request

from bot.errors import one_line
from bot.providers.acrel_answers import pushed
from bot.providers.sts_answers import BadAnswer
from bot.services import services
from domain import clock
from domain.door import DATABASE_ERRORS, Visit
from domain.vendors.counted import pass_on
from domain.vendors.reports import note_reports
from domain.vendors.results import MeterReport

log = structlog.get_logger()
acrel = Blueprint("acrel_reports", __name__)

TIMESTAMP, SIGNATURE = "X-Acrel-Timestamp", "X-Acrel-Signature"
# Somebody who listened on the way may say it again for so long; it changes nothing then.
_SECONDS: Final = 300


@acrel.post("/webhooks/acrel")
def receive() -> Response:
    """Keep what meters report: 204 once it is kept, however often it comes. What isn't signed changes nothing."""
    if not _is_signed():
        log.warning("a report was refused: it is not signed by our network")
        return Response(status=403)
    try:
        reports = pushed(json.loads(request.get_data()))
    except (BadAnswer, ValueError) as error:
        log.warning("a report was refused", why=one_line(error))
        return Response(status=400)
    return _kept(reports)


def _kept(reports: list[MeterReport]) -> Response:
    try:
        with services().door.for_every_business() as session:
            visit = Visit.within(session)
            new, confirmed = note_reports(visit, reports)
            pass_on(visit, new)
    except DATABASE_ERRORS as error:
        # It comes again, and meters are asked without any report, too.
        log.error("reports not kept: the database did not do it", error=one_line(error))
        return Response(status=503)
    if confirmed:
        log.info("meters confirmed commands", number=confirmed)
    return Response(status=204)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return what a push is signed with: HMAC-SHA256 over its time and its body, hexadecimal."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _is_signed() -> bool:
    secret, at = services().settings.acrel_webhook_secret, request.headers.get(TIMESTAMP, "")
    if secret is None or not at.isascii() or not at.isdigit() or len(at) > 12:
        return False
    wanted = signature(secret.get_secret_value(), at, request.get_data())
    given = request.headers.get(SIGNATURE, "")
    young = abs(clock.now().timestamp() - int(at)) <= _SECONDS
    return young and hmac.compare_digest(wanted.encode(), given.encode(errors="replace"))
