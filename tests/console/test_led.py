"""Events reach a page in a real Chromium whether a proxy leads their path or the web service sends on."""

import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
import requests
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, expect

from sandbox.servers.processes import free_port
from tests.chat import Chat
from tests.console.leading import leading
from tests.console.test_browser import chromium, huda, served, sign_in
from tests.live.listening import telling, until
from tests.noor import HUDA, PAUSED, SARA

pytestmark = pytest.mark.browser
__all__ = ["chromium", "huda", "served"]
WITHIN = 1_000
# It is tried again after two seconds, then after more and more.
COMES_BACK_WITHIN = 20_000


_HIDE = """hidden => {
    Object.defineProperty(document, "hidden", {configurable: true, get: () => hidden});
    document.dispatchEvent(new Event("visibilitychange"));
}"""


def listeners(port: int) -> int:
    return int(requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5).json()["listeners"])


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture(params=["sent on", "led by a proxy"])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def environment(environment: dict[str, str], way: str, port: int) -> dict[str, str]:
    return {**environment, "EVENTS_BASE_URL": f"http://127.0.0.1:{port}"} if way == "sent on" else environment


@pytest.fixture
def at(served: str, way: str, port: int) -> Iterator[str]:
    """Where browsers find the console."""
    if way == "sent on":
        yield served
        return
    service = served.removesuffix("/console")
    with leading(free_port(), service, f"http://127.0.0.1:{port}") as base:
        yield f"{base}/console"


def test_a_page_listens_and_comes_back_when_the_process_was_away(
    chromium: Browser, at: str, huda: str, app: Flask, environment: dict[str, str], port: int
) -> None:
    context = chromium.new_context()
    page = context.new_page()
    trouble: list[ConsoleMessage] = []
    page.on("console", lambda said: trouble.append(said))  # noqa: PLW0108  it is wrapped
    with ExitStack() as first:
        first.enter_context(telling(environment, port))
        sign_in(page, at, huda)
        page.goto(f"{at}/conversations")
        page.wait_for_selector("body[data-listening=yes]")
        Chat(app, SARA).says("hi")
        expect(page.get_by_text(SARA)).to_be_visible(timeout=WITHIN)
        assert [one.text for one in trouble] == []
    Chat(app, HUDA).says("hi")
    time.sleep(4)  # long enough for the browser to have tried in vain
    with telling(environment, port):
        # Nobody knows what was missed: the page loads it anew.
        expect(page.get_by_text(HUDA)).to_be_visible(timeout=COMES_BACK_WITHIN)
        seen = len(trouble)
        page.evaluate("document.body.dataset.listening = ''")
        Chat(app, "+966500000077").says("hi")
        # It has only just loaded what it missed: it rests before it loads again.
        expect(page.get_by_text("+966500000077")).to_be_visible(timeout=5 * WITHIN)
        assert [one.text for one in trouble[seen:]] == []
        # Who looks elsewhere listens no more, and sees what happened meanwhile on coming back.
        page.evaluate(_HIDE, True)
        until(lambda: listeners(port) == 0)
        Chat(app, PAUSED).says("hi")
        page.evaluate(_HIDE, False)
        expect(page.get_by_text(PAUSED)).to_be_visible(timeout=WITHIN)
        until(lambda: listeners(port) == 1)
    context.close()
