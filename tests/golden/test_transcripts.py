"""Every tour reads as it was last approved.

`make golden` writes what is said now; read the difference before you commit it.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from bot.services import Services
from bot.settings import Settings, read_settings
from domain import clock
from domain.door import Door
from domain.messages import Message
from flows.book import FLOWS
from flows.flow import Flow
from tests.chat import Chat, code_on, codes_sent, mails_sent
from tests.golden.billing import bill
from tests.golden.selling import sell, vendor_is
from tests.golden.tours import TOURS, Gift, Sends, Splits, TypesCode, VendorFails
from tests.money import fill_wallet
from tests.noor import allow_instalments, found_noor, keep_hours

FOLDER = Path(__file__).parent / "transcripts"
_DIGITS = re.compile(r"\d{6}")
_LINK = re.compile(r"/i/[A-Za-z0-9_-]+")
_SIGNED = "/i/<signed>"
MORNING = datetime.fromisoformat("2026-11-22T09:30:00+03:00")
CASES = [
    (name, language, channel) for name, tour in TOURS.items() for language in ("en", "ar") for channel in tour.channels
]


@pytest.fixture
def settings(environment: dict[str, str]) -> Settings:
    """There is a gateway; nobody asks it, for no worker runs."""
    return read_settings({**environment, "MOYASAR_SECRET_KEY": "sk_test_of_the_tours"})


@pytest.fixture
def clock_file(tmp_path: Path, app: Flask) -> Iterator[Path]:
    """A Sunday morning that lasts."""
    file = tmp_path / "clock"
    file.write_text(MORNING.isoformat())
    clock.use_file(file)
    yield file
    clock.use_file(None)


@pytest.mark.parametrize(("name", "language", "channel"), CASES, ids=["-".join(case) for case in CASES])
def test_a_tour_reads_as_it_was_approved(
    app: Flask, clock_file: Path, door: Door, name: str, language: str, channel: str, pytestconfig: pytest.Config
) -> None:
    noor = found_noor(door)
    keep_hours(door, noor)
    sell(door, noor)
    bill(door, noor, 9, 10)
    written = _transcript(app, clock_file, name, language, channel)
    file = FOLDER / f"{name}.{language}.{channel}.txt"
    if pytestconfig.getoption("--golden"):
        file.write_text(written, encoding="utf-8")
    assert file.exists(), f"{file.name} was never approved: run `make golden`, read it, commit it"
    assert written == file.read_text(encoding="utf-8")


def test_no_transcript_is_left_over() -> None:
    assert {file.stem for file in FOLDER.iterdir()} == {".".join(case) for case in CASES}


@pytest.mark.parametrize("channel", ["whatsapp", "sms"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_the_tours_ask_every_state(
    app: Flask, clock_file: Path, door: Door, language: str, channel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: set[tuple[str, str]] = set()
    ask = Flow.ask

    def noted(self: Flow) -> object:
        seen.add((self.name, self.state))
        return ask(self)

    monkeypatch.setattr(Flow, "ask", noted)
    noor = found_noor(door)
    keep_hours(door, noor)
    sell(door, noor)
    bill(door, noor, 9, 10)
    for number, (name, tour) in enumerate(TOURS.items()):
        if channel in tour.channels:
            clock_file.write_text((MORNING + timedelta(days=number)).isoformat())
            _transcript(app, clock_file, name, language, channel)
    other = {"en": "arabic", "ar": "english"}[language]
    assert {(name, state) for name, flow in FLOWS.items() for state in flow.states if name != other} - seen == set()


def _transcript(app: Flask, clock_file: Path, name: str, language: str, channel: str) -> str:
    tour = TOURS[name]
    chat = Chat(app, tour.phone, channel)
    read, codes, mails = len(chat.rows()), len(codes_sent(app)), len(mails_sent(app))
    lines: list[str] = []
    for step in tour.en if language == "en" else tour.ar:
        if isinstance(step, timedelta):
            clock_file.write_text((clock.now() + step).isoformat())
            lines.append(f"... {step} later ...\n")
            continue
        if isinstance(step, Gift):
            fill_wallet(app.extensions["raseed"].door, tour.phone, step.minor)
            continue
        if isinstance(step, Splits):
            allow_instalments(app.extensions["raseed"].door)
            continue
        lines.append(f"> {_does(chat, step)}\n")
        rows, sent, mailed = chat.rows(), codes_sent(app), mails_sent(app)
        lines += [_said(row) for row in rows[read:] if row.kind != "code"]
        lines += [
            f"(to the phone on file, by {row.channel})\n{_DIGITS.sub('123456', _said(row))}" for row in sent[codes:]
        ]
        lines += [f"(by e-mail: {(row.mail or {})['subject']})\n{_said(row)}" for row in mailed[mails:]]
        read, codes, mails = len(rows), len(sent), len(mailed)
    return "\n".join(lines)


def _does(chat: Chat, step: str | Sends | TypesCode | VendorFails) -> str:
    """Do one step, and return what it is called."""
    if isinstance(step, Sends):
        chat.says(step.body, **step.params)
        return step.what
    if isinstance(step, VendorFails):
        services: Services = chat.app.extensions["raseed"]
        vendor_is(services.door, up=False)
        chat.answers = []
        return "(the vendor fails from now on)"
    if isinstance(step, TypesCode):
        chat.says(code_on(chat.app))
        return "the code"
    chat.says(step)
    return step


def _said(row: Message) -> str:
    """Return a message as it was sent, with how it can be tapped, or how many segments it costs."""
    choices = row.choices or {}
    tapped = [" / ".join(filter(None, (one["title"], one["detail"]))) for one in choices.get("entries", ())]
    below = f"[{choices['kind']}: {' | '.join(tapped)}]" if tapped else ""
    cost = f"[{row.segments} {row.encoding}]" if row.segments else ""
    held = f"[{row.status}: {row.reason}]" if row.status == "skipped" else ""
    files = [f"[file: {_LINK.sub(_SIGNED, one['url'])}]" if "url" in one else "[a PDF]" for one in row.media]
    return "\n".join(filter(None, (_LINK.sub(_SIGNED, row.text), below, cost, held, *files))) + "\n"
