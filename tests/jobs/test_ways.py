"""The way that is taken: WhatsApp where it is open or approved, else SMS, and what is done when neither is."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner
from sqlalchemy import select, update

from bot.channels import approved
from bot.channels.approved import TICKET_NEWS, text_of
from bot.cli.templates import templates
from bot.jobs.plan import PLAN
from bot.jobs.watching import LOW
from bot.jobs.worker_services import WorkerServices
from bot.saying import Saying, in_words
from domain.clock import now
from domain.conversations import Conversation
from domain.notifications import Notification
from domain.senders import Sender
from domain.templates import Template
from flows.reply import reply
from locales.text import Code, text
from tests.conftest import Later
from tests.jobs.conftest import Phone, wait_for
from tests.jobs.saying import Says
from tests.noor import SARA, STRANGER

Do = Callable[[], None]
Sync = Callable[[], str]


@pytest.fixture
def sync(phone: Phone, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Sync:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    phone.set(approval_delay_ms=1)

    def do() -> str:
        result = CliRunner().invoke(templates, ["sync"])
        assert result.exit_code == 0, result.output
        return result.output

    return do


def news(status: str = "resolved") -> Saying:
    said = text_of(
        TICKET_NEWS, ticket=Code("T-1001"), fault=text("fault.no_power"), status=text(f"ticket_status.{status}")
    )
    return in_words("notice", reply(text("news.answer")), (TICKET_NEWS, said))


def approve(sync: Sync, phone: Phone, workers: WorkerServices) -> None:
    """Register the templates, and wait until WhatsApp has approved them."""
    sync()

    def all_approved() -> bool:
        _run(workers, "watch_templates")
        with workers.door.for_every_business() as session:
            return set(session.scalars(select(Template.status))) == {"approved"}

    wait_for(all_approved)


def _run(workers: WorkerServices, job: str) -> None:
    next(planned for planned in PLAN if planned.name == job).run(workers, now())


def test_while_they_write_to_us_it_is_whatsapp(phone: Phone, says: Says, send: Do) -> None:
    phone.writes("hi")
    says(SARA, "Works on Friday")
    says.let_pass(10)
    send()
    assert phone.received()[-1]["channel"] == "whatsapp"


def test_who_never_wrote_gets_an_sms(phone: Phone, says: Says, send: Do) -> None:
    says(STRANGER, "Works on Friday")
    send()
    assert [(one["channel"], one["body"]) for one in phone.received()] == [("sms", "Works on Friday")]


def test_a_day_later_it_is_sms_again(phone: Phone, says: Says, send: Do, later: Later) -> None:
    phone.writes("hi")
    later(hours=24)
    says(SARA, "Works on Friday")
    assert says.rows()[-1].channel == "sms"


def test_when_the_window_closes_meanwhile_the_next_way_is_taken(
    phone: Phone, says: Says, send: Do, workers: WorkerServices
) -> None:
    phone.writes("hi")
    says(SARA, "Works on Friday")
    says.let_pass(10)
    with workers.door.for_every_business() as session:
        session.execute(update(Conversation).values(last_inbound_at=None))
    send()
    send()
    first, second = says.rows("notice")
    assert (first.channel, first.status, first.reason) == ("whatsapp", "skipped", "window_closed")
    assert (second.channel, second.id) == ("sms", first.replaced_by)
    assert phone.received()[-1]["body"] == "Works on Friday"


def test_an_approved_template_may_be_said_at_any_time(
    phone: Phone, says: Says, send: Do, sync: Sync, workers: WorkerServices
) -> None:
    approve(sync, phone, workers)
    says.saying(SARA, news())
    send()
    (received,) = phone.received()
    assert received["channel"] == "whatsapp"
    assert received["shown"].startswith("About your ticket T-1001 (No power")
    assert "resolved" in received["shown"]
    assert says.rows()[0].status in {"accepted", "sent", "delivered"}


def test_until_it_is_approved_the_next_channel_is_taken(phone: Phone, says: Says, send: Do, sync: Sync) -> None:
    phone.set(approvals="hold")
    sync()
    says.saying(SARA, news())
    assert says.rows()[0].channel == "sms"


def test_new_words_are_a_new_version_and_what_was_accepted_keeps_its_own(
    phone: Phone, says: Says, send: Do, sync: Sync, workers: WorkerServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    approve(sync, phone, workers)
    says.saying(SARA, news("open"))
    monkeypatch.setitem(approved._TEXTS, TICKET_NEWS, (text("news.moved"), "utility"))
    phone.set(approvals="hold")
    assert "2 registered" in sync()
    says.saying("+966500000077", news("closed"))
    send()
    shown = [one["shown"] for one in phone.received()]
    assert shown[0].startswith("About your ticket")
    assert shown[1].startswith("About your ticket")  # the newest that is approved
    with workers.door.for_every_business() as session:
        found = {(one.language, one.version): one.status == "approved" for one in session.scalars(select(Template))}
    assert found == {("ar", 1): True, ("ar", 2): False, ("en", 1): True, ("en", 2): False}


def test_a_rejected_template_says_why(phone: Phone, sync: Sync, workers: WorkerServices) -> None:
    phone.set(approvals="reject")
    sync()
    wait_for(lambda: "rejected" in sync())


def test_registering_again_asks_for_no_second_approval(phone: Phone, sync: Sync, workers: WorkerServices) -> None:
    approve(sync, phone, workers)
    with workers.door.for_every_business() as session:
        session.query(Template).delete()  # as if it had died before it wrote that down
    assert "0 registered" in sync()
    with workers.door.for_every_business() as session:
        assert set(session.scalars(select(Template.version))) == {1}


def test_who_opted_out_of_one_channel_is_reached_on_the_other(phone: Phone, says: Says, send: Do) -> None:
    phone.writes("hi")
    phone.writes("STOP", channel="sms")
    says(SARA, "Works on Friday")
    assert says.rows("notice")[0].channel == "whatsapp"
    says(SARA, "Works on Friday", channels=("sms",))
    assert (says.rows("notice")[1].status, says.rows("notice")[1].reason) == ("skipped", "opted_out")


def test_little_money_left_raises_the_alarm(phone: Phone, workers: WorkerServices) -> None:
    _run(workers, "watch_balances")
    phone.set(balance=3.5)
    _run(workers, "watch_balances")
    _run(workers, "watch_balances")
    with workers.door.for_every_business() as session:
        (told,) = session.scalars(select(Notification))
        assert (told.kind, told.severity, told.times, told.facts["amount"]) == (LOW, "critical", 2, "3.50")


def test_a_registered_name_that_only_sends_is_a_way(phone: Phone, says: Says, workers: WorkerServices) -> None:
    with workers.door.for_business(says.business_id) as session:
        session.add(Sender(business_id=says.business_id, channel="sms", address="NOOR"))
    says(STRANGER, "one", channels=("sms",))
    says.change_sender("sms", enabled=False)
    with workers.door.for_every_business() as session:
        session.execute(update(Sender).where(Sender.channel == "sms", Sender.address == "NOOR").values(enabled=True))
        name = session.scalars(select(Sender.id).where(Sender.channel == "sms", Sender.address == "NOOR")).one()
    says(STRANGER, "two", channels=("sms",))
    assert [row.sender_id == name for row in says.rows()] == [False, True]
