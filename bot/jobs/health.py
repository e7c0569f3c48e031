"""Judges how well each sender does, lets staff know of one that does badly, and moves its work where that may be."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy.orm import Session

from bot.channels.twilio_errors import TOO_FAST, UNREACHABLE, Deed, meaning_of
from bot.jobs.queues import NOTICE_QUEUE
from bot.jobs.worker_services import WorkerServices
from domain.clock import now
from domain.health import UNHEALTHY, SenderHealth, Tried, checked, judge, tried_lately
from domain.moving import move_notices
from domain.notifications import CRITICAL, WARNING, notify
from domain.senders import Sender

log = structlog.get_logger()

# What is the recipient's affair, and what is for being too many or for nobody being there, is no fault of a sender.
_THEIRS: Final = Deed.QUIET | Deed.OPT_OUT | Deed.BAD_ADDRESS | Deed.STOP_CAMPAIGN
_NOT_ITS_OWN: Final = (TOO_FAST, UNREACHABLE)
_AT_ONCE: Final = 1000


def watch_senders(services: WorkerServices, _: datetime) -> None:
    """Judge every sender, and move what waits at those that can't send it."""
    with services.door.for_every_business() as session:
        judge_all(session)
    while True:
        with services.door.for_every_business() as session:
            moved = move_notices(session, _AT_ONCE)
        if moved:
            log.info("notices moved to other senders", number=moved)
            services.bell.ring(NOTICE_QUEUE)
        if moved < _AT_ONCE:
            return


def judge_all(session: Session) -> None:
    """Write down how every sender does, and tell staff of those that became worse."""
    tried: dict[object, list[Tried]] = {}
    for one in tried_lately(session):
        tried.setdefault(one.sender_id, []).append(one)
    for sender, health, due_since in checked(session):
        _count(health, tried.get(sender.id, ()))
        if judge(sender, health, due_since):
            _tell(session, sender, health)


def _count(health: SenderHealth, tried: Iterable[Tried]) -> None:
    counted = [one for one in tried if one.code is None or not _is_theirs(one.code)]
    health.tried = sum(one.number for one in counted)
    health.failed = sum(one.number for one in counted if one.code is not None)
    times = [health.last_success_at, *(one.last_at for one in counted if one.code is None)]
    health.last_success_at = max(filter(None, times), default=None)
    health.checked_at = now()


def _is_theirs(code: str) -> bool:
    meaning = meaning_of(code)
    return bool(meaning.deeds & _THEIRS) or meaning.reason in _NOT_ITS_OWN


def _tell(session: Session, sender: Sender, health: SenderHealth) -> None:
    unhealthy = health.state == UNHEALTHY
    log.warning("sender does badly", sender_id=str(sender.id), state=health.state, reason=health.reason)
    facts = {
        "code": health.reason,
        "sender": sender.address,
        "channel": sender.channel,
        "tried": health.tried,
        "failed": health.failed,
        "provider_status": health.provider_status,
        "quality": health.quality,
    }
    kind = "sender_unhealthy" if unhealthy else "sender_at_risk"
    notify(session, sender.business_id, kind, CRITICAL if unhealthy else WARNING, facts, ("sender", sender.id))
