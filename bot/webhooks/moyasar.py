"""Notices of Moyasar's: kept as a reason to ask, and answered at once. Nothing that they say is believed."""

import structlog
from flask import Blueprint, Response, request

from bot import metrics
from bot.errors import one_line
from bot.jobs.queues import PAYMENT_QUEUE
from bot.providers.gateways import is_live
from bot.providers.moyasar_notices import Malformed, NotAuthentic, Notice, NoticeReader
from bot.services import services
from domain.door import DATABASE_ERRORS
from domain.payments.notices import keep_notice

log = structlog.get_logger()
moyasar = Blueprint("moyasar_notices", __name__)


@moyasar.post("/webhooks/moyasar")
def receive() -> Response:
    """Keep one notice: 204 once it is kept, however often it comes. What isn't Moyasar's own changes nothing."""
    try:
        notice = _reader().read(request.get_data())
    except NotAuthentic:
        return _refused("the secret is not ours", 401)
    except Malformed as error:
        return _refused(f"it is no notice: {error}", 400)
    if notice.is_live != is_live(services().settings):
        return _refused("it is of another mode than our key", 403)
    return _kept(notice)


def _kept(notice: Notice) -> Response:
    try:
        with services().door.for_visit() as visit:
            keep_notice(visit, notice.event_id, notice.event, notice.payment_id, notice.page_id)
    except DATABASE_ERRORS as error:
        # It comes again, and payments are asked about without any notice, too.
        log.error("notice not kept: the database did not do it", error=one_line(error))
        return Response(status=503)
    services().bell.ring(PAYMENT_QUEUE)
    return Response(status=204)


def _reader() -> NoticeReader:
    secret = services().settings.moyasar_webhook_secret
    return NoticeReader(secret.get_secret_value() if secret else "")


def _refused(why: str, status: int) -> Response:
    metrics.notices_refused.inc()
    log.warning("notice refused", why=why)
    return Response(status=status)
