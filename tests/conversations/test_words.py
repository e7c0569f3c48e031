"""What may be said anywhere, and what becomes of what nobody understands."""

import pytest
from sqlalchemy import select

from bot.services import Services
from domain.contacts import Consent
from domain.conversations import Conversation
from tests.chat import Chat


@pytest.mark.parametrize(
    ("typed", "heard"),
    [
        ("Balance", "المبلغ المستحق عليكم"),
        ("BALANCE please", "المبلغ المستحق عليكم"),
        ("كم رصيدي؟", "المبلغ المستحق عليكم"),
        ("رَصيـــدي", "المبلغ المستحق عليكم"),
        ("عليا كام", "المبلغ المستحق عليكم"),
        ("والرصيد", "المبلغ المستحق عليكم"),
        ("menu", "1. رصيدي"),
        ("القائمه", "1. رصيدي"),
        ("رجوع", "1. رصيدي"),
        ("0", "1. رصيدي"),
        ("٠", "1. رصيدي"),
        ("help", "اكتبوا رقم الخيار"),
        ("مساعده", "اكتبوا رقم الخيار"),
        ("موظف", "سيطّلع موظفونا"),
        ("ابغى موظف", "سيطّلع موظفونا"),
        ("لغة", "بأي لغة"),
        ("English", "We will write in English"),
        ("انجليزي", "We will write in English"),
        ("عربي", "سنكتب لكم بالعربية"),
    ],
)
def test_a_first_message_may_be_any_word(sara: Chat, typed: str, heard: str) -> None:
    sara.says(typed)
    sara.hears(heard)


def test_numbers_are_those_of_the_last_list(sara: Chat) -> None:
    sara.says("english")
    sara.says("balance")
    sara.hears("2. Menu")
    sara.says("2")
    sara.hears("1. Balance", "2. My invoices", "3. Pay an invoice", "4. My subscription", "5. Report a fault")
    sara.says("9")
    sara.hears("Our staff will read your request", "1. Skip")
    sara.says("1")
    sara.says("agent")
    sara.hears("already with our staff")
    sara.says("10")
    sara.hears("didn't understand", "1. Balance")


def test_a_label_is_as_good_as_its_number(sara: Chat) -> None:
    sara.says("english")
    sara.says("talk to a person")
    sara.hears("Our staff will read your request")


def test_the_third_time_in_a_row_help_and_a_person_are_offered(sara: Chat) -> None:
    sara.says("english")
    for nonsense in ("blah", "bleh"):
        sara.says(nonsense)
        sara.hears("didn't understand", "1. Balance")
    sara.says("bloh")
    sara.hears("still don't understand", "1. Help", "2. Talk to a person")
    sara.says("blah")
    sara.hears("didn't understand", "1. Balance")
    sara.says("menu")
    sara.says("blah")
    sara.says("blah")
    sara.hears("didn't understand")


def test_a_question_that_needs_an_answer_is_asked_again(omar: Chat) -> None:
    omar.says("hi")
    omar.says("what?")
    omar.hears("Welcome to Noor Electricity", "1. العربية")
    omar.says("2")
    omar.says("balance")
    omar.says("hmm")
    omar.hears("didn't understand", "Which account is it about?", "1. Omar Hassan")
    omar.says("2")
    omar.hears("Omar's Shop", "Amount due")


def test_the_language_of_a_stranger_is_the_one_that_is_written(stranger: Chat) -> None:
    stranger.says("رصيدي")
    stranger.hears("هذا الرقم غير موثّق لأي حساب")
    stranger.says("2")
    stranger.hears("كيف نقدر نخدمكم")
    stranger.says("balance")
    stranger.hears("This number is not confirmed for any account")


def test_who_has_nothing_is_told_so(huda: Chat) -> None:
    huda.says("balance")
    huda.hears("You have nothing to pay. Amount due: SAR 0.00")


def _consents(services: Services) -> list[bool]:
    with services.door.for_every_business() as session:
        return list(session.scalars(select(Consent.granted).order_by(Consent.created_at)))


@pytest.mark.parametrize("word", ["STOP", "stop", " Unsubscribe ", "STOPALL", "CANCEL", "end", "Quit"])
def test_on_sms_a_reserved_word_is_the_carriers(sara_sms: Chat, services: Services, word: str) -> None:
    sara_sms.says(word)
    sara_sms.hears_nothing()
    sara_sms.says(word)
    assert _consents(services) == [False]
    sara_sms.says("balance")
    assert [(row.status, row.reason) for row in sara_sms.rows()] == [("skipped", "opted_out")]
    sara_sms.says("START")
    sara_sms.hears_nothing()
    assert _consents(services) == [False, True]
    sara_sms.says("balance")
    assert sara_sms.rows()[-1].status == "queued"


def test_on_sms_start_without_a_stop_before_is_a_hello_and_help_is_help(sara_sms: Chat) -> None:
    sara_sms.says("START")
    sara_sms.hears("Noor Electricity")
    sara_sms.says("HELP")
    sara_sms.hears("اكتبوا رقم الخيار")


def test_what_sms_says_to_end_is_only_a_word_elsewhere(sara: Chat, services: Services) -> None:
    sara.says("english")
    for word in ("end", "quit"):
        sara.says(word)
        sara.hears("didn't understand")
    assert _consents(services) == []


@pytest.mark.parametrize("word", ["stop", "وقف الرسائل", "ايقاف الرسائل", "الغاء الاشتراك بالرسائل"])
def test_on_whatsapp_opting_out_is_ours_to_confirm(sara: Chat, services: Services, word: str) -> None:
    sara.says("english")
    sara.says(word)
    sara.hears("no more notices", "1. No more notices", "2. Keep the notices")
    assert _consents(services) == []
    sara.says("2")
    sara.hears("Nothing has changed")
    sara.says(word)
    sara.says("1")
    sara.hears("Done.")
    assert _consents(services) == [False]
    sara.says("balance")
    sara.hears("Amount due")
    sara.says("notices on")
    sara.hears("You will receive our notices")
    assert _consents(services) == [False, True]


def test_a_state_that_no_longer_exists_begins_again(sara: Chat, services: Services) -> None:
    sara.says("english")
    for flow, state in (("gone", "anywhere"), ("menu", "gone")):
        with services.door.for_every_business() as session:
            session.scalars(select(Conversation)).one().flow = flow
            session.flush()
            session.scalars(select(Conversation)).one().state = state
            session.flush()
        sara.says("blah")
        sara.hears("let us begin again", "1. Balance")
