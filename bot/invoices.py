"""`/i/<signed>`: an invoice or a credit note as PDF, for whoever has its link, until the link expires."""

from typing import Final

from flask import Blueprint, Response, make_response, render_template, request

from bot.documents.files import File, document_file
from bot.links import ExpiredLink, WrongLink, read_link
from bot.pages import SAFE, STYLE
from bot.services import services
from locales.catalogue import LANGUAGES
from locales.speech import Speech
from locales.text import Text

invoices = Blueprint("invoices", __name__, template_folder="templates")

# Nobody on the way keeps it, and no search engine finds it.
_PRIVATE: Final = {"Cache-Control": "no-store, private", "X-Robots-Tag": "noindex, nofollow"}


@invoices.get("/i/<signed>")
def invoice(signed: str) -> Response:
    """Answer the PDF that a link leads to. What is no link of ours, or leads nowhere, is all the same: 404."""
    try:
        link = read_link(services().settings, signed)
    except ExpiredLink as expired:
        return _sorry("link_expired", expired.language, 410)
    except WrongLink:
        return _sorry("link_wrong", _preferred(), 404)
    file = document_file(services().door, link.business_id, link.document_id, link.language)
    return pdf(file, link.language) if file else _sorry("link_wrong", link.language, 404)


def pdf(file: File, language: str) -> Response:
    """Answer a PDF, to be shown and not to be kept by anybody on the way."""
    answer = Response(file.content, content_type="application/pdf")
    answer.headers.update({**SAFE, **_PRIVATE, "Content-Language": language})
    answer.headers["Content-Disposition"] = f'inline; filename="{file.name}"'
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
