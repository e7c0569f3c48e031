"""Buttons, lists, files and marks on the phone page, in a real browser."""

from collections.abc import Iterator
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from twilio.rest import Client

from tests.sandbox.conftest import SARA, SMS, WHATSAPP, Sandbox, Service, wait_for
from tests.sandbox.contents import BUTTONS, LINK, ROWS, picker, quick_replies, register
from tests.sandbox.page import Page
from tests.sandbox.test_content_messages import send

pytestmark = pytest.mark.browser
ARABIC = {
    "twilio/list-picker": {
        "body": "عن أي عداد تسأل؟",
        "button": "اختر العداد",
        "items": [{"item": "المنزل", "id": "m1", "description": "العليا"}, {"item": "المزرعة", "id": "m2"}],
    }
}


@pytest.fixture
def page(browser: webdriver.Chrome, sandbox: Sandbox) -> Iterator[Page]:
    sandbox.inbound("hi")
    yield Page(browser, sandbox, "lang=en&me=%2B966501234567&channel=whatsapp")
    assert [line for line in browser.get_log("browser") if line["level"] == "SEVERE"] == []  # type: ignore[no-untyped-call]
    browser.get("about:blank")


def shown(page: Page, client: Client, sandbox: Sandbox, types: dict[str, Any]) -> str:
    sid = send(client, register(client, types))
    css = f'[data-sid="{sid}"] [data-testid="choices"] :is(a, button:enabled)'
    wait_for(lambda: page.browser.find_elements(By.CSS_SELECTOR, css))
    return sid


def said(page: Page) -> list[str]:
    return [bubble.find_elements(By.CSS_SELECTOR, ".line")[0].text for bubble in page.all("bubble-out")]


def test_a_quick_reply_is_said_by_a_tap_and_an_old_one_still_is(
    page: Page, client: Client, sandbox: Sandbox, service: Service
) -> None:
    sid = shown(page, client, sandbox, BUTTONS)
    shown(page, client, sandbox, LINK)
    balance, pay = page.all("quick-reply")
    pay.click()
    wait_for(lambda: said(page) == ["hi", "Pay"])
    assert service.hits[-1].form["ButtonPayload"] == "pay"
    assert service.hits[-1].form["OriginalRepliedMessageSid"] == sid
    assert "Hello 50" in page.one("quote").text
    balance.click()
    wait_for(lambda: said(page) == ["hi", "Pay", "Balance"])


def test_a_list_opens_over_the_chat_and_is_used_by_hand_or_keys(
    page: Page, client: Client, sandbox: Sandbox, service: Service
) -> None:
    shown(page, client, sandbox, ROWS)
    page.one("list-open").click()
    assert page.one("picker").is_displayed()
    wait_for(lambda: [row.text for row in page.all("list-row")] == ["Home\nOlaya, 50", "Farm"])
    page.browser.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert not page.one("picker").is_displayed()
    assert page.browser.switch_to.active_element == page.one("list-open")
    page.one("list-open").click()
    page.browser.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
    page.browser.switch_to.active_element.send_keys(Keys.ENTER)
    wait_for(lambda: said(page) == ["hi", "Farm"])
    assert service.hits[-1].form["ListId"] == "m2"
    assert not page.one("picker").is_displayed()


def test_ten_rows_can_all_be_reached_on_a_small_screen(page: Page, client: Client, sandbox: Sandbox) -> None:
    page.browser.set_window_size(390, 560)
    shown(page, client, sandbox, picker(10, description="Words that explain this one at some length"))
    page.one("list-open").click()
    page.one("list-row").click()
    wait_for(lambda: said(page) == ["hi", "T9"])
    assert page.browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")  # type: ignore[no-untyped-call]
    page.browser.set_window_size(1440, 900)


def test_arabic_lists_read_from_the_right_on_an_english_page(page: Page, client: Client, sandbox: Sandbox) -> None:
    shown(page, client, sandbox, ARABIC)
    opener = page.one("list-open")
    assert opener.value_of_css_property("direction") == "rtl"
    opener.click()
    row = page.all("list-row")[0]
    title, arrow = row.find_element(By.TAG_NAME, "strong"), row.find_element(By.TAG_NAME, "svg")
    assert row.value_of_css_property("direction") == "rtl"
    assert arrow.location["x"] < title.location["x"]


def test_an_address_is_opened_and_nothing_is_sent(page: Page, client: Client, sandbox: Sandbox) -> None:
    shown(page, client, sandbox, LINK)
    link = page.one("link-button")
    assert link.text == "Open"
    assert link.get_attribute("href") == "https://noor.example/i/50"
    assert (link.get_attribute("target"), link.get_attribute("rel")) == ("_blank", "noopener noreferrer")


def test_what_did_not_arrive_cannot_be_tapped(page: Page, client: Client) -> None:
    send(client, register(client, quick_replies(4)))
    wait_for(lambda: page.all("failure"))
    assert "at most 3 without approval" in page.one("failure").text
    assert not any(button.is_enabled() for button in page.all("quick-reply"))


def test_a_document_is_a_card_with_its_name(page: Page, client: Client, sandbox: Sandbox) -> None:
    url = f"{sandbox.url}/phone/files/samples/bill.pdf"
    client.messages.create(to=f"whatsapp:{SARA}", from_=WHATSAPP, media_url=[url], body="Your *bill*")
    wait_for(lambda: page.all("document"))
    card = page.one("document")
    assert card.get_attribute("href") == url
    assert card.text.split("\n") == ["bill.pdf", "PDF · 1 kB", "Open"]
    assert page.one("bubble-in").find_element(By.TAG_NAME, "strong").text == "bill"


@pytest.mark.parametrize(
    ("body", "marks"),
    [
        ("*bold* _it_ ~no~ ```code```", {"strong": "bold", "em": "it", "s": "no", "code": "code"}),
        ("*بارد* و_مائل_ كلمة", {"strong": "بارد"}),
        ("*_both_*", {"strong": "both", "em": "both"}),
        ("2*3*4 snake_case_name ~", {}),
        ("* not bold* and *a\nb*", {}),
        ("before ```x``` then\n```one\n*two*```\nafter", {"code": "x|one\n*two*"}),
        ("```unfinished and *bold*", {"strong": "bold"}),
    ],
)
def test_marks_are_shown_as_whatsapp_shows_them(page: Page, client: Client, body: str, marks: dict[str, str]) -> None:
    client.messages.create(to=f"whatsapp:{SARA}", from_=WHATSAPP, body=body)
    wait_for(lambda: page.all("bubble-in"))
    content = page.one("bubble-in").find_element(By.CSS_SELECTOR, ".content")
    found = {tag: content.find_elements(By.TAG_NAME, tag) for tag in ("strong", "em", "s", "code")}
    assert {tag: "|".join(one.text for one in all_) for tag, all_ in found.items() if all_} == marks


def test_marks_mean_nothing_by_sms(page: Page, client: Client) -> None:
    page.one("channel-sms").click()
    client.messages.create(to=SARA, from_=SMS, body="*x*")
    wait_for(lambda: page.all("bubble-in") and "*x*" in page.one("bubble-in").text)


def test_what_is_uncertain_can_be_switched(page: Page, client: Client, sandbox: Sandbox, service: Service) -> None:
    shown(page, client, sandbox, ROWS)
    page.one("trouble-open").click()
    page.one("trouble-listButton").click()
    wait_for(lambda: sandbox.get("settings")["list_selection"] == "button")
    page.one("trouble-listBody").click()
    wait_for(lambda: sandbox.get("settings")["list_selection"] == "body")
    wait_for(lambda: page.one("trouble-listButton").get_attribute("aria-checked") == "false")
    page.one("trouble-reset").click()
    wait_for(lambda: sandbox.get("settings")["list_selection"] == "list")


def test_the_chat_opens_at_its_end_whatever_pictures_come(page: Page, client: Client, sandbox: Sandbox) -> None:
    url = f"{sandbox.url}/phone/files/samples/receipt.jpg"
    for _ in range(4):
        client.messages.create(to=f"whatsapp:{SARA}", from_=WHATSAPP, media_url=[url])
    wait_for(lambda: len(page.browser.find_elements(By.CSS_SELECTOR, "img.photo")) == 4)
    page.browser.refresh()
    left = "const c = document.getElementById('chat'); return c.scrollHeight - c.scrollTop - c.clientHeight"
    wait_for(lambda: len(page.browser.find_elements(By.CSS_SELECTOR, "img.photo")) == 4)
    wait_for(lambda: all(one.size["height"] > 100 for one in page.browser.find_elements(By.CSS_SELECTOR, "img.photo")))
    wait_for(lambda: page.browser.execute_script(left) < 4)  # type: ignore[no-untyped-call]
