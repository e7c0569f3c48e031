"""`/paid/<id>`: where a customer comes back to from the gateway's page. Coming back is a reason to ask, and no more."""

from typing import Final
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request

from bot.jobs.queues import PAYMENT_QUEUE
from bot.pages import SAFE, STYLE
from bot.services import services
from domain.door import Visit
from domain.payments.asking import ask_about
from domain.payments.returning import Return, returned
from locales.catalogue import LANGUAGES
from locales.speech import Speech
from locales.text import Text, text

paid = Blueprint("paid", __name__, template_folder="templates")

_PRIVATE: Final = {"Cache-Control": "no-store, private", "X-Robots-Tag": "noindex, nofollow"}


@paid.get("/paid/<uuid:payment_id>")
def came_back(payment_id: UUID) -> Response:
    """Say that we ask the gateway, and that the confirmation comes in the chat."""
    found = _asked(payment_id)
    if found is None or found.is_settled:
        return _known(found)
    return _page(text("paid_page.asked"), text("paid_page.asked_text"), found, 200)


@paid.get("/paid/<uuid:payment_id>/back")
def went_back(payment_id: UUID) -> Response:
    """Say that nothing was paid, and how to go on."""
    found = _asked(payment_id)
    if found is None or found.is_settled:
        return _known(found)
    return _page(text("paid_page.back"), text("paid_page.back_text"), found, 200)


def _known(found: Return | None) -> Response:
    """Say what is certain: that the money is there, or that there is no such payment."""
    if found is None:
        return _page(text("paid_page.unknown"), text("paid_page.unknown_text"), None, 404)
    return _page(text("paid_page.settled"), text("paid_page.settled_text"), found, 200)


def _asked(payment_id: UUID) -> Return | None:
    with services().door.for_every_business() as session:
        visit = Visit.within(session)
        found = returned(visit, payment_id)
        asked = found is not None and ask_about(visit, payment_id)
    if asked:
        services().bell.ring(PAYMENT_QUEUE)
    return found


def _page(title: Text, intro: Text, found: Return | None, status: int) -> Response:
    language = _language(found)
    speech = Speech(language, sms=False)
    said = {"title": speech.say(title), "intro": speech.say(intro)}
    ways = _way_on(found, speech)
    page = render_template(
        "paid.html",
        style=STYLE,
        language=language,
        business=found.name_in(language) if found else "",
        said=said,
        ways=ways,
        other={"url": f"?lang={_other(language)}", "label": speech.say(text("legal.other_language"))},
    )
    answer = make_response(page, status)
    answer.headers.update({**SAFE, **_PRIVATE, "Content-Language": language})
    return answer


def _way_on(found: Return | None, speech: Speech) -> dict[str, str] | None:
    """Return the way back to the gateway's page, for who left it without having paid."""
    if found is None or found.page_url is None or not found.is_open or not request.path.endswith("/back"):
        return None
    return {"url": found.page_url, "label": speech.say(text("paid_page.again"))}


def _language(found: Return | None) -> str:
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        return asked
    return found.language if found else request.accept_languages.best_match(LANGUAGES, LANGUAGES[0])


def _other(language: str) -> str:
    return {"ar": "en", "en": "ar"}[language]
