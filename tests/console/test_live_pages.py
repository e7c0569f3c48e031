"""Pages that are live, in a real Chromium: what happens is seen within a second; and staff's way through a morning."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text

from bot.services import Services
from tests.chat import Chat
from tests.console.test_browser import chromium, huda, is_trouble, served, sign_in
from tests.live.listening import telling
from tests.noor import SARA, Noor

pytestmark = pytest.mark.browser
WITHIN = 1_000
__all__ = ["chromium", "huda", "served"]
_SAY = {
    "en": {"new": "New campaign", "save": "Save draft", "start": "Start", "pause": "Pause", "running": "Running",
           "paused": "Paused", "take": "Take over", "send": "Send", "back": "Hand back to the bot"},
    "ar": {"new": "حملة جديدة", "save": "حفظ المسودة", "start": "بدء", "pause": "إيقاف مؤقت", "running": "جارية",
           "paused": "موقوفة مؤقتًا", "take": "تولّي المحادثة", "send": "إرسال", "back": "إعادتها إلى الرد الآلي"},
}  # fmt: skip


@pytest.fixture
def environment(environment: dict[str, str], empty: None) -> Iterator[dict[str, str]]:
    """The same, with the process that tells events. It comes to a database that is empty."""
    with telling(environment) as base:
        yield {**environment, "EVENTS_BASE_URL": base}


@pytest.fixture
def page(chromium: Browser, served: str) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(15_000)
    page = context.new_page()
    trouble: list[str] = []
    page.on("console", lambda said: trouble.append(f"{said.text} {said.location['url']}") if is_trouble(said) else None)
    page.on("pageerror", lambda error: trouble.append(str(error)))
    yield page
    context.close()
    assert not trouble, "\n".join(trouble)


def listening(page: Page) -> None:
    page.wait_for_selector("body[data-listening=yes]")


def test_what_happens_is_seen_within_a_second(
    page: Page, served: str, huda: str, app: Flask, noor: Noor, services: Services
) -> None:
    sign_in(page, served, huda)
    page.goto(f"{served}/conversations")
    listening(page)
    sara = Chat(app, SARA)
    sara.says("hi")
    expect(page.get_by_text(SARA)).to_be_visible(timeout=WITHIN)
    page.locator("tbody a").first.click()
    listening(page)
    sara.says("something quite new")
    expect(page.get_by_text("something quite new")).to_be_visible(timeout=WITHIN)
    with services.door.for_every_business() as session:
        session.execute(text("UPDATE message SET status = 'read' WHERE direction = 'outbound'"))
    expect(page.locator(".ticks.read").first).to_be_visible(timeout=WITHIN)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_a_campaign_and_a_conversation_as_the_page_of_docs_tells(
    page: Page, served: str, huda: str, app: Flask, noor: Noor, language: str
) -> None:
    say = _SAY[language]
    page.context.add_cookies([{"name": "raseed-language", "value": language, "url": served}])
    sign_in(page, served, huda)
    page.goto(f"{served}/campaigns")
    page.get_by_role("link", name=say["new"]).click()
    page.fill("[name=name]", "Works on Friday")
    page.fill("[name=en]", "Hello {name}, the power is off on Friday.")
    page.fill("[name=from]", "00:00")
    page.fill("[name=until]", "23:59")
    page.get_by_role("button", name=say["save"]).click()
    page.get_by_role("button", name=say["start"], exact=True).click()
    expect(page.locator("#progress .chip")).to_have_text(say["running"])
    page.get_by_role("button", name=say["pause"], exact=True).click()
    expect(page.locator("#progress .chip")).to_have_text(say["paused"])
    sara = Chat(app, SARA)
    sara.says("hi")
    page.goto(f"{served}/conversations")
    page.locator("tbody a").first.click()
    page.get_by_role("button", name=say["take"], exact=True).click()
    sara.reads()
    sara.says("Is anybody there?")
    sara.hears_nothing()
    page.fill("#answer [name=text]", "Yes, I am.")
    page.get_by_role("button", name=say["send"], exact=True).click()
    expect(page.locator(".bubble.by-staff")).to_have_count(1)
    assert sara.reads() == ["Yes, I am."]
    page.get_by_role("button", name=say["back"]).click()
    expect(page.get_by_role("button", name=say["take"], exact=True)).to_be_visible()
    sara.reads()
    sara.says("balance")
    assert sara.answers
