"""Legal pages, public and in both languages: how data is handled, and the terms of the service."""

from typing import Any, Final
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, render_template, request

from bot.pages import SAFE, STYLE
from bot.services import services
from domain.companies import Company, company_by_code
from locales.catalogue import LANGUAGES
from locales.speech import Speech
from locales.text import Name, Text, Value, text

legal = Blueprint("legal", __name__, template_folder="templates")

# The sections of each page, in their order: a heading and a paragraph each.
_SECTIONS: Final = {
    "privacy": ("keep", "why", "who", "long", "rights", "stop"),
    "terms": ("use", "account", "danger", "cost", "fair", "changes"),
}
_HEADERS: Final = {**SAFE, "Cache-Control": "public, max-age=300", "Vary": "Accept-Language"}
_LONGEST_CODE: Final = 64


@legal.get("/legal/privacy")
def privacy() -> Response:
    """Say how data is handled: by the business that `?business=` names, or by whoever is written to."""
    return _page("privacy", "terms")


@legal.get("/legal/terms")
def terms() -> Response:
    """Say on what terms the service is used."""
    return _page("terms", "privacy")


def _page(name: str, other: str) -> Response:
    code = request.args.get("business", "")[:_LONGEST_CODE].replace("\0", "")
    company = _company(code)
    speech = Speech(_language(company), sms=False)
    answer = make_response(
        render_template(
            "legal.html",
            style=STYLE,
            language=speech.language,
            company=company,
            said=_said(speech, name, company),
            labels=_labels(speech, other),
            ways=_ways(name, other, speech.language, code),
        )
    )
    answer.headers.update({**_HEADERS, "Content-Language": speech.language})
    return answer


def _company(code: str) -> Company | None:
    if not code:
        return None
    with services().door.for_every_business() as session:
        return company_by_code(session, code)


def _language(company: Company | None) -> str:
    """Return the language that was asked for, else the company's, else the one that the browser prefers."""
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        return asked
    if company is not None:
        return company.language
    return request.accept_languages.best_match(LANGUAGES, LANGUAGES[0])


def _said(speech: Speech, name: str, company: Company | None) -> dict[str, Any]:
    business: Value = Name(company.name_in(speech.language)) if company else text("legal.anybody")
    sections = [(f"legal.{name}_{part}", f"legal.{name}_{part}_text") for part in _SECTIONS[name]]
    return {
        "title": speech.say(Text(f"legal.{name}")),
        "intro": speech.say(Text(f"legal.{name}_intro", {"business": business})),
        "sections": [(speech.say(Text(head)), speech.say(Text(body))) for head, body in sections],
    }


def _labels(speech: Speech, other: str) -> dict[str, str]:
    return {
        "contact": speech.say(text("legal.contact")),
        "address": speech.say(text("legal.address")),
        "vat_number": speech.say(text("legal.vat_number")),
        "language": speech.say(text("legal.other_language")),
        "other": speech.say(Text(f"legal.{other}")),
    }


def _ways(name: str, other: str, language: str, code: str) -> dict[str, str]:
    business = {"business": code} if code else {}
    elsewhere = {"ar": "en", "en": "ar"}[language]
    # Relative to each other, so that they hold wherever PUBLIC_BASE_URL puts them.
    return {
        "language": f"{name}?{urlencode({**business, 'lang': elsewhere})}",
        "other": f"{other}?{urlencode({**business, 'lang': language})}",
    }
