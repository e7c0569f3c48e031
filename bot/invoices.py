"""`/i/<signed>`: an invoice or a credit note as PDF, for whoever has its link, until the link expires."""

import re
from typing import Final

from flask import Blueprint, Response, make_response, render_template, request

from bot.documents.invoice import invoice_pdf
from bot.links import ExpiredLink, Link, WrongLink, read_link
from bot.pages import SAFE, STYLE
from bot.services import services
from domain.documents import InvoiceDocument, credit_note_of, document_of
from domain.door import Visit
from locales.catalogue import LANGUAGES
from locales.speech import Speech
from locales.text import Text

invoices = Blueprint("invoices", __name__, template_folder="templates")

# Nobody on the way keeps it, and no search engine finds it.
_PRIVATE: Final = {"Cache-Control": "no-store, private", "X-Robots-Tag": "noindex, nofollow"}
_NOT_IN_A_FILE_NAME: Final = re.compile(r"[^A-Za-z0-9._-]+")


@invoices.get("/i/<signed>")
def invoice(signed: str) -> Response:
    """Answer the PDF that a link leads to. What is no link of ours, or leads nowhere, is all the same: 404."""
    try:
        link = read_link(services().settings, signed)
    except ExpiredLink as expired:
        return _sorry("link_expired", expired.language, 410)
    except WrongLink:
        return _sorry("link_wrong", _preferred(), 404)
    document = _document(link)
    return _pdf(document, link.language) if document else _sorry("link_wrong", link.language, 404)


def _document(link: Link) -> InvoiceDocument | None:
    with services().door.for_business(link.business_id) as session:
        visit = Visit.within(session)
        return document_of(visit, link.document_id) or credit_note_of(visit, link.document_id)


def _pdf(document: InvoiceDocument, language: str) -> Response:
    answer = Response(invoice_pdf(document, language), content_type="application/pdf")
    name = _NOT_IN_A_FILE_NAME.sub("-", document.invoice_no).strip("-.") or "invoice"
    answer.headers.update({**SAFE, **_PRIVATE, "Content-Language": language})
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer


def _sorry(what: str, language: str, status: int) -> Response:
    speech = Speech(language, sms=False)
    said = {"title": speech.say(Text(f"document.{what}")), "intro": speech.say(Text(f"document.{what}_text"))}
    page = render_template("sorry.html", style=STYLE, language=language, said=said)
    answer = make_response(page, status)
    answer.headers.update({**SAFE, **_PRIVATE, "Content-Language": language})
    return answer


def _preferred() -> str:
    return request.accept_languages.best_match(LANGUAGES, LANGUAGES[0])
