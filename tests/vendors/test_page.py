"""The meter's page in a real Chromium: what is typed is decoded, in both languages, wide and narrow."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from domain.vendors.errors import OutcomeUnknown
from domain.vendors.requests import ChargeRequest
from tests.vendors.emulator import HOME, Emulator, emulator

pytestmark = pytest.mark.browser


@pytest.fixture
def box() -> Iterator[Emulator]:
    with emulator() as found:
        yield found


class Page:
    def __init__(self, chrome: Chrome, box: Emulator, language: str, width: int) -> None:
        self.chrome = chrome
        chrome.set_window_size(1200, 900)
        chrome.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600},
        )
        chrome.get(f"{box.url}/meter/{HOME.meter_no}")
        chrome.execute_script(f"localStorage.setItem('meter-language', '{language}')")
        chrome.refresh()
        self.until(lambda: len(chrome.find_elements(By.CSS_SELECTOR, "#meters option")) == 2)

    def until(self, true: Any) -> None:
        WebDriverWait(self.chrome, 5).until(lambda _: true())

    def text(self, name: str) -> str:
        return self.chrome.find_element(By.ID, name).text.replace("\u2068", "").replace("\u2069", "")

    def type_in(self, digits: str) -> None:
        self.chrome.find_element(By.TAG_NAME, "body").send_keys(digits + Keys.ENTER)
        self.until(lambda: self.text("typed") == "" and self.text("said"))

    def picture(self, name: str) -> None:
        if folder := os.environ.get("PICTURES"):
            self.chrome.get_screenshot_as_file(str(Path(folder) / f"{name}.png"))


@pytest.mark.parametrize("width", [1200, 390])
@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ar", "rtl")])
def test_a_token_is_taken_once(browser: Chrome, box: Emulator, language: str, direction: str, width: int) -> None:
    page = Page(browser, box, language, width)
    assert browser.execute_script("return document.documentElement.dir") == direction
    assert not browser.execute_script("return document.documentElement.scrollWidth > innerWidth")
    token = box.client().charge(ChargeRequest("reference-1", HOME, 500)).tokens[0].digits
    page.type_in(token)
    assert "50.0" in page.text("said")
    assert page.text("credit") == "50.00"
    page.picture(f"{language}-{width}-accepted")
    page.type_in(token)
    assert page.text("said") == {"en": "Used before", "ar": "مستخدم من قبل"}[language]
    page.type_in("1" * 20)
    assert page.text("said") == {"en": "Refused", "ar": "مرفوض"}[language]
    for key in token[:7]:
        browser.find_element(By.CSS_SELECTOR, f"[data-key='{key}']").click()
    assert page.text("typed") == f"{token[:4]} {token[4:7]}"
    page.picture(f"{language}-{width}-typing")


PASTE = """
const clipboard = new DataTransfer(); clipboard.setData("text", arguments[0]);
document.dispatchEvent(new ClipboardEvent("paste", {clipboardData: clipboard, bubbles: true}));
"""


def test_arabic_digits_are_digits(browser: Chrome, box: Emulator) -> None:
    page = Page(browser, box, "ar", 390)
    token = box.client().charge(ChargeRequest("reference-1", HOME, 500)).tokens[0].digits
    browser.execute_script(PASTE, " ".join(chr(0x660 + int(digit)) for digit in token))
    browser.find_element(By.CSS_SELECTOR, "[data-key='enter']").click()
    page.until(lambda: page.text("said"))
    assert page.text("credit") == "50.00"


def test_the_credit_falls_and_the_supply_is_switched(browser: Chrome, box: Emulator) -> None:
    page = Page(browser, box, "en", 1200)
    page.type_in(box.client().charge(ChargeRequest("reference-1", HOME, 500)).tokens[0].digits)
    with box.world.lock:
        box.world.meter(HOME.meter_no).load_watts = 9000
    page.until(lambda: float(page.text("credit")) < 49.5)
    assert page.text("supply") == "Electricity on"
    browser.find_element(By.ID, "switched").click()
    page.until(lambda: page.text("supply") == "Disconnected")
    page.picture("en-1200-disconnected")
    credit = page.text("credit")
    browser.find_element(By.ID, "switched").click()
    page.until(lambda: page.text("supply") == "Electricity on")
    assert credit > "0"


@pytest.mark.parametrize(("language", "width"), [("en", 1200), ("ar", 390)])
def test_faults_and_key_changes_are_switched_on_the_page(
    browser: Chrome, box: Emulator, language: str, width: int
) -> None:
    page = Page(browser, box, language, width)
    browser.find_element(By.CSS_SELECTOR, "details summary").click()
    page.until(lambda: browser.find_elements(By.ID, "fault-timeout_after"))
    switch = browser.find_element(By.ID, "fault-timeout_after")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", switch)
    switch.click()
    page.until(lambda: [fault["kind"] for fault in box.world.faults.listed()] == ["timeout_after"])
    with pytest.raises(OutcomeUnknown):
        box.client().charge(ChargeRequest("reference-1", HOME, 500))
    switch.click()
    page.until(lambda: box.world.faults.listed() == [])
    browser.find_element(By.ID, "key-change").click()
    page.until(lambda: page.text("planned"))
    page.picture(f"{language}-{width}-faults")
    tokens = box.client().charge(ChargeRequest("reference-2", HOME, 500)).tokens
    for token in tokens:
        page.type_in(token.digits)
    assert page.text("revision") == "2"
    assert page.text("credit") == "50.00"


def test_nothing_is_amiss_in_the_console(browser: Chrome, box: Emulator) -> None:
    browser.get("about:blank")
    browser.get_log("browser")
    Page(browser, box, "en", 1200)
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []
