"""A phone that has changed hands is asked again whose it is."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.jobs.events import follow_up
from bot.jobs.outbox import write_down
from bot.services import Services
from domain.contacts import Contact
from domain.conversations import Conversation
from domain.customers import ContactCustomer
from domain.deliveries import fold_batch
from domain.messages import DeliveryEvent, Message
from domain.outbox import Result, claim_due
from tests.chat import Chat
from tests.conftest import Later
from tests.noor import SARA

ASKED = "not confirmed for any account of Noor Electricity"
SARAS_ID, ANOTHER_ID = "SA.111122223333", "SA.444455556666"


def knows_no_name(chat: Chat) -> None:
    """Assert that nothing personal is said: no name, no account, no amount."""
    for said in ("hello", "menu", "balance", "another account", "help", "accounts"):
        chat.says(said)
        for answer in chat.answers:
            assert not any(word in answer for word in ("Sara", "سارة", "1001", "214", "0401"))


def writes_as(chat: Chat, words: str, external_id: str) -> None:
    chat.says(words, ExternalUserId=f"whatsapp:{external_id}")


def test_somebody_else_on_whatsapp(sara: Chat, sara_sms: Chat, later: Later) -> None:
    writes_as(sara, "english", SARAS_ID)
    writes_as(sara, "balance", SARAS_ID)
    sara.hears("Amount due: SAR 214.35")
    later(days=3)
    writes_as(sara, "balance", ANOTHER_ID)
    sara.hears(ASKED, "write your account number")
    knows_no_name(sara)
    sara_sms.says("english")
    sara_sms.says("balance")
    sara_sms.hears(ASKED)


def test_who_proves_it_is_served_again(sara: Chat, later: Later, services: Services) -> None:
    writes_as(sara, "english", SARAS_ID)
    later(days=3)
    writes_as(sara, "balance", ANOTHER_ID)
    sara.says("1001")
    sara.types_the_code(SARA)
    sara.hears("Thank you, Sara Al-Ghamdi", "Amount due: SAR 214.35")
    later(days=3)
    writes_as(sara, "balance", ANOTHER_ID)
    sara.hears("Amount due: SAR 214.35")
    with services.door.for_every_business() as session:
        confirmed = select(ContactCustomer.source).where(ContactCustomer.confirmed_at.is_not(None))
        assert list(session.scalars(confirmed)) == ["import"]


def test_the_id_of_the_companys_own_kind_is_nobody_else(sara: Chat) -> None:
    writes_as(sara, "english", SARAS_ID)
    writes_as(sara, "balance", "SA.ENT.999988887777")
    sara.hears("Amount due: SAR 214.35")
    writes_as(sara, "balance", "SA.ENT.111111111111")
    sara.hears(ASKED)


def test_a_first_id_is_no_change(sara: Chat) -> None:
    sara.says("english")
    writes_as(sara, "balance", SARAS_ID)
    sara.hears("Amount due: SAR 214.35")
    sara.says("balance")
    sara.hears("Amount due: SAR 214.35")


def test_what_was_half_done_is_nobody_elses_business(omar: Chat, later: Later) -> None:
    writes_as(omar, "english", SARAS_ID)
    writes_as(omar, "balance", SARAS_ID)
    omar.hears("Which account is it about?", "Omar Hassan")
    later(minutes=5)
    writes_as(omar, "1", ANOTHER_ID)
    omar.hears("Hello, this is Noor Electricity", "1. Link my account")
    writes_as(omar, "1", ANOTHER_ID)
    omar.hears(ASKED)


@pytest.mark.parametrize("channel", ["whatsapp", "sms"])
def test_a_year_of_silence(sara: Chat, sara_sms: Chat, later: Later, channel: str) -> None:
    chat = sara if channel == "whatsapp" else sara_sms
    chat.says("english")
    later(days=364)
    chat.says("balance")
    chat.hears("Amount due: SAR")
    later(days=365)
    chat.says("balance")
    chat.hears(ASKED)
    knows_no_name(chat)
    chat.says("balance")
    chat.says("1001")
    chat.types_the_code(SARA)
    assert "Thank you, Sara" in chat.answers[-1]
    later(days=300)
    chat.says("balance")
    chat.hears("Amount due: SAR")


def test_silence_on_one_channel_is_no_silence_on_the_other(sara: Chat, sara_sms: Chat, later: Later) -> None:
    sara.says("english")
    sara_sms.says("english")
    later(days=366)
    sara.says("balance")
    sara.hears(ASKED)
    later(days=-10)
    sara_sms.says("balance")
    sara_sms.hears("Amount due: SAR")


@pytest.mark.parametrize("code", ["30005", "30006"])
def test_a_number_reported_dead_by_its_network(
    sara: Chat, sara_sms: Chat, services: Services, later: Later, code: str
) -> None:
    sara.says("english")
    sara.says("balance")
    later(days=1)
    last = sara.rows()[-1]
    with services.door.for_every_business() as session:
        event = {"business_id": last.business_id, "message_id": last.id, "params": {}}
        for status, error in (("sent", None), ("undelivered", code)):
            session.add(DeliveryEvent(provider_sid="SM9", status=status, error_code=error, **event))
        session.flush()
        number, folded = fold_batch(session, 10)
        assert number == 2
        follow_up(session, folded)
    later(days=1)
    sara.says("balance")
    sara.hears(ASKED)
    knows_no_name(sara)
    sara_sms.says("balance")
    assert "214.35" in sara_sms.answers[-1]


def test_a_number_that_twilio_says_is_none(sara: Chat, services: Services, later: Later) -> None:
    sara.says("english")
    with services.door.for_every_business() as session:
        claimed = claim_due(session, 10)
        write_down(session, [Result(one.message_id, one.attempts, "failed", reason="21211") for one in claimed])
    later(minutes=1)
    sara.says("balance")
    sara.hears(ASKED)


@pytest.mark.parametrize("code", ["21610", "30003", "30008", "63016"])
def test_other_failures_say_nothing_of_the_number(sara: Chat, services: Services, later: Later, code: str) -> None:
    sara.says("english")
    with services.door.for_every_business() as session:
        claimed = claim_due(session, 10)
        write_down(session, [Result(one.message_id, one.attempts, "failed", reason=code) for one in claimed])
    later(minutes=1)
    sara.says("balance")
    sara.hears("Amount due")


def test_the_messages_of_the_new_owner_are_not_on_the_old_ones_account(
    omar: Chat, services: Services, later: Later
) -> None:
    writes_as(omar, "english", SARAS_ID)
    writes_as(omar, "balance", SARAS_ID)
    writes_as(omar, "1", SARAS_ID)
    later(days=1)
    writes_as(omar, "hello", ANOTHER_ID)
    with services.door.for_every_business() as session:
        rows = list(session.scalars(select(Message).order_by(Message.seq)))
        assert [row.customer_id is None for row in rows[-2:]] == [True, True]
        assert session.scalars(select(Conversation.customer_id)).one() is None


def test_what_was_reported_before_is_nobody_elses_business(sara: Chat, stranger: Chat, later: Later) -> None:
    for chat, report in ((sara, ("report", "1", "1", "Since noon", "send")), (stranger, ("a fallen wire", "At 1001"))):
        writes_as(chat, "english", SARAS_ID)
        for said in (*report, "Salem", "skip", "send", "my tickets"):
            writes_as(chat, said, SARAS_ID)
        assert "T-" in chat.answers[-1]
        later(days=1)
        writes_as(chat, "my tickets", ANOTHER_ID)
        assert "T-" not in chat.answers[-1]
        for said in ("why is my power off?", "report", "1"):
            writes_as(chat, said, ANOTHER_ID)
            assert not any(word in chat.answers[-1] for word in ("البيت", "0401", "0709"))


def test_the_companys_own_word_counts_when_it_is_newer(sara: Chat, services: Services, later: Later) -> None:
    """The company moves a customer to a number that changed hands before: it knows whose it is now."""
    writes_as(sara, "english", SARAS_ID)
    later(days=3)
    writes_as(sara, "balance", ANOTHER_ID)
    sara.hears(ASKED)
    later(days=1)
    with services.door.for_every_business() as session:
        marked = session.scalars(select(Contact).where(Contact.external_id == ANOTHER_ID)).one()
        assert marked.changed_hands_at is not None
        newer = marked.changed_hands_at + timedelta(hours=1)
        session.execute(update(ContactCustomer).where(ContactCustomer.contact_id == marked.id).values(created_at=newer))
    sara.says("balance")
    sara.hears("Amount due: SAR 214.35")
