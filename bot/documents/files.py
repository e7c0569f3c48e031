"""A document as a file: an invoice or a credit note as PDF, and what it is called."""

import re
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from bot.documents.invoice import invoice_pdf
from domain.documents import InvoiceDocument, credit_note_of, document_of
from domain.door import Door, Visit

_NOT_IN_A_FILE_NAME: Final = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class File:
    """A PDF, and what it is called."""

    name: str
    content: bytes


def document_file(door: Door, business_id: UUID, document_id: UUID, language: str) -> File | None:
    """Return an invoice or a credit note as it is now; None where there is none. Nothing is held while it is drawn."""
    with door.for_business(business_id) as session:
        visit = Visit.within(session)
        document = document_of(visit, document_id) or credit_note_of(visit, document_id)
    return drawn(document, language) if document else None


def drawn(document: InvoiceDocument, language: str) -> File:
    """Return a document as a file, named by its number."""
    name = _NOT_IN_A_FILE_NAME.sub("-", document.invoice_no).strip("-.") or "invoice"
    return File(f"{name}.pdf", invoice_pdf(document, language))
