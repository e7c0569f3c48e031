"""The phone page in a browser, as tests use it."""

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.sandbox.conftest import SARA, Sandbox, wait_for


class Page:
    def __init__(self, browser: webdriver.Chrome, sandbox: Sandbox, query: str) -> None:
        self.browser = browser
        browser.get(f"{sandbox.url}/?{query}")
        wait_for(lambda: self.all(f"person-{SARA}"))

    def all(self, name: str) -> list[WebElement]:
        return self.browser.find_elements(By.CSS_SELECTOR, f'[data-testid="{name}"]')

    def one(self, name: str) -> WebElement:
        return self.all(name)[-1]

    def say(self, text: str) -> None:
        self.one("composer").send_keys(text, Keys.ENTER)
