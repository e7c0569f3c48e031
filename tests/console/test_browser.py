"""The console in a real Chromium: every page in both languages and two widths, by keyboard, and with script off."""

import os
import shutil
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from werkzeug.serving import make_server

from bot.console.rendering import EVENTS
from domain.door import Door
from domain.notifications import notify
from tests.api.people import PASSWORD, employed
from tests.console.people import PAGES, path_of, things
from tests.noor import Noor

pytestmark = pytest.mark.browser
SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
SERIOUS = {"serious", "critical"}
# What axe is to look for: the levels that the law asks for, and what else it knows to be good.
_OPTIONS = {"resultTypes": ["violations"]}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        assert os.environ.get("CI") != "true", "there is no Chromium here"
        pytest.skip("there is no Chromium here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def served(app: Flask) -> Iterator[str]:
    """The service on a port of its own."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/console"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport=SIZES["desktop"])  # type: ignore[arg-type]
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def huda(app: Flask, noor: Noor) -> str:
    door: Door = app.extensions["raseed"].door
    return employed(door, noor.business_id, "admin", password=True).email


def sign_in(page: Page, served: str, email: str) -> None:
    page.goto(f"{served}/sign-in")
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(served)


def is_trouble(said: ConsoleMessage) -> bool:
    """Tell whether the browser complains; not of events, which nobody tells here."""
    return said.type in {"error", "warning"} and EVENTS not in said.location["url"]


def faults(page: Page) -> list[str]:
    """Return what axe finds that is serious."""
    found: Any = Axe().run(page, options=_OPTIONS).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found if one["impact"] in SERIOUS]


def test_every_page_fits_and_can_be_used_by_everybody(
    context: BrowserContext, served: str, huda: str, app: Flask, noor: Noor
) -> None:
    ids = things(app, noor.business_id)
    page = context.new_page()
    trouble: list[str] = []
    page.on("console", lambda said: trouble.append(f"{said.text} {said.location['url']}") if is_trouble(said) else None)
    page.on("pageerror", lambda error: trouble.append(str(error)))
    sign_in(page, served, huda)
    wrong = [
        f"{name} ({language}, {size}): {fault}"
        for language in ("ar", "en")
        for size in SIZES
        for name in PAGES
        if name not in {"invoice_as_pdf", "message_file"}
        for fault in looked_at(page, served + path_of(PAGES[name], ids), language, size)
    ]
    assert not wrong, "\n".join(wrong)
    assert not trouble, "\n".join(trouble)


def looked_at(page: Page, address: str, language: str, size: str) -> Iterator[str]:
    """Yield what is wrong with a page. Axe looks at one width of each language: what it looks for is the same."""
    page.context.add_cookies([{"name": "raseed-language", "value": language, "url": address}])
    page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]
    answer = page.goto(address)
    assert answer is not None
    if answer.status != 200:
        yield f"status {answer.status}"
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        yield "it is wider than the window"
    if page.evaluate("getComputedStyle(document.body).direction") != {"ar": "rtl", "en": "ltr"}[language]:
        yield "its direction is the other one"
    if (language, size) in {("ar", "phone"), ("en", "desktop")}:
        yield from faults(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_schemes_have_enough_contrast(
    chromium: Browser, served: str, huda: str, app: Flask, noor: Noor, scheme: Any
) -> None:
    ids = things(app, noor.business_id)
    context = chromium.new_context(color_scheme=scheme)
    page = context.new_page()
    sign_in(page, served, huda)
    wrong = []
    for name in ("home_page", "conversation_page", "subscription_list", "stop_page", "invoice_list", "message_page"):
        page.goto(served + path_of(PAGES[name], ids))
        wrong += [f"{name}: {fault}" for fault in faults(page)]
    context.close()
    assert not wrong, "\n".join(wrong)


def test_a_morning_by_keyboard_and_without_script(
    chromium: Browser, served: str, huda: str, app: Flask, noor: Noor
) -> None:
    ids = things(app, noor.business_id)
    door: Door = app.extensions["raseed"].door
    with door.for_business(noor.business_id) as session:
        notify(session, noor.business_id, "balance_low", "critical", {"code": "1234"})
    context = chromium.new_context(java_script_enabled=False, viewport=SIZES["phone"])  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{served}/language/en")
    sign_in(page, served, huda)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    page.click("summary:has-text('Menu')")
    page.click("nav >> text=Notifications")
    page.click("text=Mark as read >> nth=0")
    assert page.inner_text("[role=status]") == "Marked as read."
    page.goto(served + path_of(PAGES["ticket_page"], ids))
    page.select_option("[name=status]", "in_progress")
    page.fill("[name=words]", "We are on our way.")
    page.click("main button")
    assert "the customer is told" in page.inner_text("[role=status]")
    page.goto(served + path_of(PAGES["subscription_page"], ids))
    page.click("text=Stop for good")
    page.fill("[name=reason]", "Moved out")
    page.click("main button")
    assert "Stopped" in page.inner_text("h1")
    page.click(f"text={noor_language(page)}")
    assert page.get_attribute("html", "dir") == "rtl"
    context.close()


def noor_language(page: Page) -> str:
    """Return what the way to the other language is called."""
    return page.inner_text("a[hreflang=ar]")
