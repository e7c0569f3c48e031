"""Tells staff by e-mail of what can't wait until somebody looks at the console."""

from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bot.channels.twilio_accounts import Accounts
from bot.jobs.failing import fails_in_one_line
from bot.jobs.queues import MAIL_QUEUE
from bot.jobs.worker_services import WorkerServices, worker_services
from bot.noticing import told_in
from bot.saying import NoWay, Recipient, in_words, letter
from domain.businesses import Business
from domain.clock import now
from domain.door import Visit
from domain.notifications import CRITICAL, Notification
from domain.senders import EMAIL
from domain.speaking import Letter, speak
from domain.staff import ADMIN, AGENT, Staff
from flows.reply import reply
from locales.text import Name, text

log = structlog.get_logger()

_BATCH: Final = 50
_KIND: Final = "notice"


@fails_in_one_line
def mail_alerts() -> None:
    """Tell of every urgent notification that was not told of yet, once."""
    mail_all(worker_services())


def mail_all(services: WorkerServices) -> int:
    """Do it, and return how many mails that are."""
    if not services.accounts.sends_mails:
        return 0
    with services.door.for_every_business() as session:
        urgent = list(session.scalars(_urgent()))
        mails = sum(_tell(session, services, one) for one in urgent)
    if mails:
        services.bell.ring(MAIL_QUEUE)
    return mails


def _urgent() -> Any:
    """Return the statement that finds them, each locked: two that look at once tell of it once."""
    waiting = select(Notification).where(Notification.severity == CRITICAL, Notification.mailed_at.is_(None))
    return waiting.order_by(Notification.created_at).limit(_BATCH).with_for_update(skip_locked=True)


def _tell(session: Session, services: WorkerServices, one: Notification) -> int:
    business = session.get_one(Business, one.business_id)
    one.mailed_at = now()
    base = f"{services.settings.public_base_url}/console/notifications?unread=true"
    letters = [found for somebody in _who(session, one) if (found := _mail(
        Visit.within(session), services.accounts, business, somebody, one, base))]  # fmt: skip
    speak(Visit.within(session), one.business_id, letters)
    log.info("staff told by e-mail", kind=one.kind, mails=len(letters))
    return len(letters)


def _who(session: Session, one: Notification) -> list[Staff]:
    """Return who of staff is told: those who can do something about it, and who ever signed in.

    Of what one of them has in hand only that person is told, and the admins.
    """
    statement = select(Staff).where(
        Staff.business_id == one.business_id,
        Staff.role.in_((ADMIN, AGENT)),
        Staff.disabled_at.is_(None),
        Staff.password_hash.is_not(None),
    )
    if "staff_id" in one.facts:
        statement = statement.where(or_(Staff.role == ADMIN, Staff.id == UUID(one.facts["staff_id"])))
    return list(session.scalars(statement.order_by(Staff.id)))


def _mail(
    visit: Visit, accounts: Accounts, business: Business, somebody: Staff, one: Notification, base: str
) -> Letter | None:
    what = told_in(one.kind, one.times, one.facts)
    said = reply(text("mail.dear", name=Name(somebody.name)), what, text("alert.look", link=base), text("alert.once"))
    saying = in_words(_KIND, said, subject=text("alert.subject", business=Name(_name(business, somebody.language))))
    try:
        written = letter(
            visit, accounts, Recipient(business.id, None, somebody.language, (EMAIL,), somebody.email), saying
        )
    except NoWay:
        return None
    return written


def _name(business: Business, language: str) -> str:
    return business.name_ar if language == "ar" else business.name_en
