"""Hands one claimed mail over, with what is attached to it."""

from collections.abc import Iterator
from uuid import UUID

from bot.channels.mail import BadAddress, Mail, composed, mail_id_of
from bot.channels.twilio_client import NotSent
from bot.documents.files import File, document_file
from bot.jobs.worker_services import WorkerServices
from domain.outbox import Claimed


def send_mail(services: WorkerServices, claimed: Claimed) -> str:
    """Hand a mail over and return its Message-ID. Raises NotSent, InDoubt."""
    server = services.mails
    if server is None:
        raise NotSent("account_not_configured")
    said = claimed.mail or {}
    mail = Mail(
        message_id=claimed.message_id,
        to=claimed.address,
        sender=said.get("sender", ""),
        subject=said.get("subject", ""),
        text=claimed.text,
        language=said.get("language", "en"),
        files=list(_files(services, claimed)),
    )
    try:
        message = composed(mail, server.sent_from)
    except BadAddress as error:
        raise NotSent("mail_address") from error
    server.send(message, claimed.address)
    return mail_id_of(claimed.message_id, server.sent_from)


def _files(services: WorkerServices, claimed: Claimed) -> Iterator[File]:
    """Yield what is attached, drawn as it is now. The database is let go of before the mail server is asked."""
    for one in claimed.media:
        file = document_file(services.door, claimed.business_id, UUID(one["document"]), one["language"])
        if file is None:
            raise NotSent("no_document")
        yield file
