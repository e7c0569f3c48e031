"""The payment page and the bank in a browser: both languages, wide and narrow."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from tests.moyasar.conftest import Sandbox, wait_for

pytestmark = pytest.mark.browser

WIDTHS = (375, 1200)
Find = Callable[[str], WebElement]


@pytest.fixture
def find(browser: webdriver.Chrome) -> Find:
    def found(name: str) -> WebElement:
        elements = wait_for(lambda: browser.find_elements(By.CSS_SELECTOR, f'[data-testid="{name}"]'))
        element: WebElement = elements[0]
        return element

    return found


@pytest.fixture(params=WIDTHS)
def screen(browser: webdriver.Chrome, request: pytest.FixtureRequest) -> Iterator[webdriver.Chrome]:
    size: dict[str, Any] = {"width": request.param, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    yield browser
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def _fits(browser: webdriver.Chrome) -> bool:
    root = "document.documentElement"
    return bool(browser.execute_script(f"return {root}.scrollWidth <= {root}.clientWidth"))


@pytest.mark.parametrize(("lang", "direction", "paid"), [("ar", "rtl", "تم الدفع"), ("en", "ltr", "Paid")])
def test_paying_with_a_card(
    screen: webdriver.Chrome, find: Find, sandbox: Sandbox, lang: str, direction: str, paid: str
) -> None:
    invoice = sandbox.invoice(description="فاتورة INV-2026-00017", back_url="http://127.0.0.1/back")
    screen.get(f"{invoice['url']}?lang={lang}")
    assert screen.find_element(By.TAG_NAME, "html").get_attribute("dir") == direction
    assert "115.00" in find("amount").text
    assert _fits(screen)
    find("fail").click()
    find("confirm").click()
    assert "DECLINED" in find("failed").text
    assert _fits(screen)
    find("pay").click()
    confirm = find("confirm")
    assert _fits(screen)
    confirm.click()
    assert paid in find("result").text
    assert _fits(screen)
    assert find("back").get_attribute("href") == "http://127.0.0.1/back"
    assert screen.get_log("browser") == []


@pytest.mark.parametrize(("lang", "paid"), [("ar", "سُدِّدت الفاتورة"), ("en", "The bill is paid")])
def test_paying_at_the_bank(screen: webdriver.Chrome, find: Find, sandbox: Sandbox, lang: str, paid: str) -> None:
    invoice = sandbox.invoice()
    screen.get(f"{invoice['url']}?lang={lang}")
    find("sadad").click()
    number = find("bill-number").text
    assert _fits(screen)
    screen.get(f"{sandbox.url}/bank/?lang={lang}")
    screen.find_element(By.NAME, "number").send_keys(number.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")))
    find("find").click()
    pay = find("pay")
    assert _fits(screen)
    pay.click()
    assert paid in find("result").text
    screen.get(f"{sandbox.url}/?lang={lang}")
    assert _fits(screen)
    assert sandbox.call("GET", f"/invoices/{invoice['id']}").json()["status"] == "paid"


def test_the_language_changes_in_place(browser: webdriver.Chrome, find: Find, sandbox: Sandbox) -> None:
    bill = sandbox.bill()["source"]
    browser.get(f"{sandbox.url}/bank/?lang=ar&biller=901&number={bill['sadad_number']}")
    find("language").click()
    wait_for(lambda: browser.find_elements(By.CSS_SELECTOR, 'html[lang="en"]'))
    assert "Noor Electricity" in find("merchant").text
