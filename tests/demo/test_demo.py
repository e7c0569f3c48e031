"""The whole demo, by hand: a phone page, a conversation in both languages on both channels, and nothing left behind."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import quote

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from sandbox.servers.processes import free_port

pytestmark = pytest.mark.browser

PROJECT = Path(__file__).parents[2]
SARA = "+966500000101"
_INVISIBLE = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069"))


@dataclass
class Demo:
    """A running demo."""

    process: "subprocess.Popen[str]"
    home: Path
    phone: str

    def stop(self, number: int = signal.SIGINT) -> int:
        """Tell it to stop, and wait."""
        self.process.send_signal(number)
        return self.process.wait(40)


def _start(home: Path) -> Demo:
    port, sandbox_port = free_port(), free_port()
    ports = {"PORT": str(port), "SANDBOX_PORT": str(sandbox_port), "LOG_FORMAT": "json"}
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "demo", "--home", str(home)],
        cwd=PROJECT,
        env={**os.environ, **ports},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout
    seen = []
    for line in process.stdout:
        seen.append(line)
        if "Up in" in line:
            return Demo(process, home, f"http://127.0.0.1:{sandbox_port}/")
    raise AssertionError("".join(seen))


def _leftovers(home: Path) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            environment = (process / "environ").read_bytes()
        except OSError:
            continue
        if str(home) in command or str(home).encode() in environment:
            found.append(command)
    return found


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    home = Path(tempfile.mkdtemp(prefix="raseed-demo-"))
    home.chmod(0o755)
    running = _start(home)
    yield running
    if running.process.poll() is None:
        running.stop()
    assert running.process.stdout
    running.process.stdout.close()
    shutil.rmtree(home, ignore_errors=True)


class Talk:
    """Somebody at the phone page."""

    def __init__(self, browser: webdriver.Chrome, demo: Demo, channel: str) -> None:
        self.browser = browser
        browser.get(f"{demo.phone}?lang=en&me={quote(SARA)}&channel={channel}")
        self._wait(lambda: browser.find_elements(By.CSS_SELECTOR, f'[data-testid="person-{SARA}"]'))

    def says(self, text: str, *answer: str) -> None:
        """Type `text`; the next bubble of the company says all of `answer`."""
        before = len(self._bubbles())
        self.browser.find_element(By.CSS_SELECTOR, '[data-testid="composer"]').send_keys(text, Keys.ENTER)
        self._wait(lambda: len(self._bubbles()) > before)
        said = self._bubbles()[-1].text.translate(_INVISIBLE).replace("\u00a0", " ")
        for part in answer:
            assert part in said

    def _bubbles(self) -> list[object]:
        return self.browser.find_elements(By.CSS_SELECTOR, '[data-testid="bubble-in"]')

    def _wait(self, condition: object, seconds: float = 10) -> None:
        until = monotonic() + seconds
        while not condition():  # type: ignore[operator]
            assert monotonic() < until, "nobody answered"
            sleep(0.05)


@pytest.mark.parametrize("channel", ["whatsapp", "sms"])
def test_a_conversation(browser: webdriver.Chrome, demo: Demo, channel: str) -> None:
    sara = Talk(browser, demo, channel)
    sara.says("مرحبا", "كهرباء النور", "Noor Electricity")
    sara.says("1", "أهلًا سارة الغامدي")
    sara.says("١", "المستحق عليكم 492.77 ر.س", "01412301374")
    sara.says("English", "How can we help")
    sara.says("balance", "Amount due: SAR 492.77", "01412301374")
    sara.says("???", "didn't understand")


def test_it_is_stopped_and_comes_back_with_everything(demo: Demo) -> None:
    assert demo.stop() == 0
    assert _leftovers(demo.home) == []
    again = _start(demo.home)
    assert again.stop(signal.SIGTERM) == 0
    assert again.process.stdout
    again.process.stdout.close()
    assert _leftovers(demo.home) == []


def test_killed_it_leaves_nothing_behind_either(demo: Demo) -> None:
    if demo.process.poll() is None:  # where the tests before ran in another process
        demo.stop()
    again = _start(demo.home)
    again.process.kill()
    again.process.wait()
    assert again.process.stdout
    again.process.stdout.close()
    until = monotonic() + 20
    while _leftovers(demo.home) and monotonic() < until:
        sleep(0.1)
    assert _leftovers(demo.home) == []
