"""`raseed send`: one line that says what became of it, and nothing is sent to whom it may not."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from domain.door import Door
from domain.messages import Message
from tests.cli.test_commands import raseed
from tests.noor import SARA, Noor


@pytest.fixture
def said(door: Door, noor: Noor) -> Callable[[], list[Message]]:
    def read() -> list[Message]:
        with door.for_every_business() as session:
            return list(session.scalars(select(Message).order_by(Message.seq)))

    return read


def test_a_message_is_put_into_the_outbox(environment: dict[str, str], said: Callable[[], list[Message]]) -> None:
    done = raseed("send", "0500000001", "مرحبا", "--business", "NOOR", environment=environment)
    assert done.returncode == 0, done.stderr
    (row,) = said()
    assert (row.channel, row.status, row.kind, row.text, row.encoding) == ("sms", "queued", "staff", "مرحبا", "UCS-2")
    assert done.stdout.decode().strip() == f"{row.id} queued by sms"


def test_why_not_is_said_and_written_down(environment: dict[str, str], said: Callable[[], list[Message]]) -> None:
    done = raseed("send", SARA, "hello", "--business", "NOOR", "--channel", "whatsapp", environment=environment)
    assert done.returncode == 1
    assert done.stdout.decode().strip().endswith("skipped by whatsapp: window_closed")
    assert [row.status for row in said()] == ["skipped"]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("12", "hello", "--business", "NOOR"), "raseed: '12' is not a telephone number of SA or of any country"),
        ((SARA, "hello", "--business", "NOBODY"), "raseed: there is no business NOBODY"),
        ((SARA, "  ", "--business", "NOOR"), "raseed: there is nothing to say"),
        ((SARA, "x" * 1601, "--business", "NOOR"), "raseed: 1601 characters, where 1600 are possible"),
        (
            (SARA, "hello", "--business", "NOOR", "--channel", "email"),
            "raseed: no mails are sent: SMTP_HOST is not set",
        ),
    ],
)
def test_what_is_wrong_is_one_line(
    environment: dict[str, str], said: Callable[[], list[Message]], arguments: tuple[str, ...], why: str
) -> None:
    done = raseed("send", *arguments, environment=environment)
    assert (done.returncode, done.stderr.decode().strip()) == (1, why)
    assert said() == []
