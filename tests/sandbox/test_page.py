"""The phone page in a real browser."""

from collections.abc import Iterator

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from twilio.rest import Client

from tests.sandbox.conftest import SARA, SMS, WHATSAPP, Sandbox, Service, wait_for
from tests.sandbox.page import Page

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser: webdriver.Chrome, sandbox: Sandbox) -> Iterator[Page]:
    yield Page(browser, sandbox, "lang=en&me=%2B966501234567&channel=whatsapp")
    browser.get("about:blank")


def test_what_is_typed_goes_out_and_what_comes_is_shown(page: Page, client: Client, service: Service) -> None:
    page.say("مرحبا")
    wait_for(lambda: page.all("bubble-out") and "مرحبا" in page.one("bubble-out").text)
    assert service.hits[0].form["Body"] == "مرحبا"
    client.messages.create(to=f"whatsapp:{SARA}", from_=WHATSAPP, body="*مرحبا*\nHello <img src=x onerror=alert(1)>")
    wait_for(lambda: page.all("bubble-in"))
    bubble = page.one("bubble-in")
    assert bubble.find_element(By.TAG_NAME, "strong").text == "مرحبا"
    assert "<img src=x" in bubble.text
    first, second = bubble.find_elements(By.CSS_SELECTOR, ".line")
    assert first.value_of_css_property("direction") == "rtl"
    assert second.value_of_css_property("direction") == "ltr"


def test_ticks_follow_the_message_and_read_comes_from_looking(page: Page, client: Client, service: Service) -> None:
    page.say("hi")
    wait_for(lambda: page.all("bubble-out"))
    sid = client.messages.create(to=f"whatsapp:{SARA}", from_=WHATSAPP, body="x", status_callback=service.url).sid or ""
    wait_for(lambda: page.all("bubble-in") and page.all("tick")[-1].get_attribute("data-status") == "read")
    wait_for(lambda: service.callbacks(sid) == ["sent", "delivered", "read"])


def test_a_failed_message_says_why(page: Page, client: Client) -> None:
    client.messages.create(to=f"whatsapp:{SARA}", from_=WHATSAPP, body="x")
    wait_for(lambda: page.all("failure"))
    assert "63016" in page.one("failure").text


def test_another_chat_is_unread_until_it_is_opened(page: Page, client: Client) -> None:
    client.messages.create(to=SARA, from_=SMS, body="by text")
    wait_for(lambda: page.browser.find_elements(By.CSS_SELECTOR, f'[data-testid="person-{SARA}"] .badge'))
    page.one("channel-sms").click()
    wait_for(lambda: page.all("bubble-in") and page.one("bubble-in").text.startswith("by text"))
    wait_for(lambda: not page.browser.find_elements(By.CSS_SELECTOR, ".badge"))


def test_arabic_mirrors_the_page(page: Page) -> None:
    page.one("language").click()
    root = page.browser.find_element(By.TAG_NAME, "html")
    assert (root.get_attribute("lang"), root.get_attribute("dir")) == ("ar", "rtl")
    assert "سارة" in page.one(f"person-{SARA}").text


def test_calls_appear_in_the_traffic_pane(page: Page) -> None:
    page.say("hi")
    wait_for(lambda: page.all("traffic-row"))
    row = page.one("traffic-row")
    row.find_element(By.TAG_NAME, "button").click()
    assert "MessageSid" in row.text
    assert "••••••" in row.text


def test_the_page_makes_no_errors(page: Page) -> None:
    assert [line for line in page.browser.get_log("browser") if line["level"] == "SEVERE"] == []  # type: ignore[no-untyped-call]
