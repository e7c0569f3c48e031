"""Somebody whom we don't know proves to be a customer."""

from sqlalchemy import select, update

from bot.services import Services
from domain.contacts import Contact
from domain.customers import ContactCustomer, Customer
from domain.senders import Sender
from tests.chat import Chat, code_on, codes_sent
from tests.conftest import Later
from tests.noor import OMAR, SARA, STRANGER, Noor

ON_ITS_WAY = "If this is an account of ours, a code is on its way"


def links(services: Services, phone: str, channel: str = "whatsapp") -> dict[str, str]:
    """Return the account numbers that a contact is linked to, and how we know."""
    with services.door.for_every_business() as session:
        found = session.execute(
            select(Customer.account_no, ContactCustomer.source)
            .join(ContactCustomer, ContactCustomer.customer_id == Customer.id)
            .join(Contact, Contact.id == ContactCustomer.contact_id)
            .where(Contact.address == phone, Contact.channel == channel)
        )
        return {row.account_no: row.source for row in found}


def test_from_a_question_to_its_answer(stranger: Chat, services: Services) -> None:
    stranger.says("english")
    stranger.says("balance")
    stranger.hears("not confirmed for any account of Noor Electricity", "write your account number")
    stranger.says("1001")
    stranger.hears(ON_ITS_WAY, "within 10 minutes", "1. Send a new code", "2. Another number")
    stranger.types_the_code(SARA)
    stranger.hears("Thank you, Sara Al-Ghamdi", "linked to account 1001", "Amount due: SAR 214.35")
    assert links(services, STRANGER) == {"1001": "linked"}
    stranger.says("balance")
    stranger.hears("Amount due: SAR 214.35")


def test_in_arabic_with_arabic_digits(stranger: Chat, services: Services) -> None:
    stranger.says("رصيدي")
    stranger.hears("هذا الرقم غير موثّق لأي حساب لدى كهرباء النور", "رقم حسابكم")
    stranger.says("حسابي رقم ١٠ ٠١.")
    stranger.hears("إن كان هذا الحساب لدينا فسيصل رمز التحقق")
    code = code_on(stranger.app, SARA)
    eastern = code.translate({ord(str(n)): chr(0x0660 + n) for n in range(10)})
    stranger.says(f"الرمز {eastern[:3]} {eastern[3:]}")
    stranger.hears("شكرًا لكم سارة الغامدي", "1001", "المبلغ المستحق عليكم 214.35")
    assert links(services, STRANGER) == {"1001": "linked"}


def test_over_sms(stranger_sms: Chat, services: Services) -> None:
    stranger_sms.says("english")
    stranger_sms.says("link my account")
    stranger_sms.hears("not confirmed for any account")
    stranger_sms.says("1 0 0 1")
    stranger_sms.hears("a code is on its way to its phone on file")
    stranger_sms.types_the_code(SARA)
    stranger_sms.hears("linked to account 1001", "How can we help?")
    assert links(services, STRANGER, "sms") == {"1001": "linked"}
    assert links(services, STRANGER, "whatsapp") == {}


def test_the_code_goes_to_the_phone_on_file_in_its_owners_language(stranger: Chat) -> None:
    stranger.says("english")
    for account in ("1001", "1002"):
        stranger.says("link my account")
        stranger.says(account)
    arabic, english = codes_sent(stranger.app)
    assert (arabic.channel, english.channel) == ("sms", "sms")
    assert codes_sent(stranger.app, SARA)[0].id == arabic.id
    assert codes_sent(stranger.app, OMAR)[0].id == english.id
    assert "رمز التحقق" in arabic.text
    assert "Never share it" in english.text
    assert (english.encoding, english.segments) == ("GSM-7", 1)
    assert arabic.segments == 2


def test_without_a_number_for_sms_it_goes_by_whatsapp_while_its_owner_talks_with_us(
    stranger: Chat, sara: Chat, services: Services, later: Later
) -> None:
    with services.door.for_every_business() as session:
        session.execute(update(Sender).where(Sender.channel == "sms").values(enabled=False))
    stranger.says("link my account")
    stranger.says("1001")
    assert codes_sent(stranger.app) == []
    sara.says("hi")
    later(hours=23)
    stranger.says("1001")
    stranger.says("link my account")
    stranger.says("1001")
    (sent,) = codes_sent(stranger.app, SARA)
    assert sent.channel == "whatsapp"
    later(hours=2)
    stranger.says("link my account")
    stranger.says("1001")
    assert len(codes_sent(stranger.app)) == 1


def test_a_code_lasts_ten_minutes(stranger: Chat, later: Later) -> None:
    stranger.says("english")
    stranger.says("link my account")
    stranger.says("1001")
    later(minutes=10)
    stranger.types_the_code()
    stranger.hears("not right, or no longer valid")
    stranger.says("new code")
    stranger.hears(ON_ITS_WAY)
    later(minutes=9)
    stranger.types_the_code()
    stranger.hears("linked to account 1001")


def test_a_newer_code_replaces_the_older(stranger: Chat) -> None:
    stranger.says("english")
    stranger.says("link my account")
    stranger.says("1001")
    older = code_on(stranger.app)
    stranger.says("1")
    stranger.says(older)
    stranger.hears("not right")
    stranger.types_the_code()
    stranger.hears("linked to account 1001")


def test_the_code_of_one_account_opens_no_other(stranger: Chat, services: Services) -> None:
    stranger.says("english")
    stranger.says("link my account")
    stranger.says("1001")
    code = code_on(stranger.app, SARA)
    stranger.says("2")
    stranger.says("1002")
    stranger.says(code)
    stranger.hears("not right")
    assert links(services, STRANGER) == {}


def test_nor_does_the_code_that_somebody_else_asked_for(stranger: Chat, huda: Chat, services: Services) -> None:
    huda.says("link my account")
    huda.says("1001")
    code = code_on(stranger.app, SARA)
    stranger.says("link my account")
    stranger.says("1001")
    stranger.says(code)
    assert links(services, STRANGER) == {}


def test_one_more_account_on_a_known_phone(huda: Chat, services: Services) -> None:
    huda.says("english")
    huda.says("link my account")
    huda.hears("write the number of the account")
    huda.says("1001")
    huda.types_the_code(SARA)
    huda.hears("Thank you, Sara Al-Ghamdi", "Account 1001")
    huda.says("another account")
    huda.hears("Sara Al-Ghamdi, account 1001", "Huda, account 1004")


def test_who_linked_it_before_stays_linked_whatever_a_forged_sms_says(
    sara_sms: Chat, services: Services, noor: Noor
) -> None:
    """Who forges the sender of an SMS reads neither our answer nor the code: both go to real phones."""
    before = links(services, SARA, "sms")
    for said in ("english", "link my account", "1002", "000000", "123456", "menu", "link my account", "1001", "111111"):
        sara_sms.says(said)
    assert links(services, SARA, "sms") == before == {"1001": "import"}
    sara_sms.says("balance")
    sara_sms.hears("Amount due: SAR 214.35")


def test_the_account_number_may_begin_with_zeros_and_so_may_the_code(stranger: Chat, services: Services) -> None:
    with services.door.for_every_business() as session:
        session.execute(update(Customer).where(Customer.account_no == "1001").values(account_no="0001"))
    stranger.says("english")
    stranger.says("link my account")
    stranger.says("0001")
    stranger.hears(ON_ITS_WAY)
    assert len(codes_sent(stranger.app, SARA)) == 1
    stranger.says("000002")
    stranger.hears("not right")


def test_letters_in_account_numbers_are_as_good_in_lower_case(stranger: Chat, services: Services) -> None:
    with services.door.for_every_business() as session:
        session.execute(update(Customer).where(Customer.account_no == "1001").values(account_no="A-1001/7"))
    stranger.says("english")
    stranger.says("link my account")
    stranger.says("my account: a-1001/7")
    stranger.types_the_code(SARA)
    stranger.hears("linked to account A-1001/7")


def test_what_is_no_account_number_is_asked_again_and_menu_leads_out(stranger: Chat) -> None:
    stranger.says("english")
    stranger.says("link my account")
    stranger.says("I do not know it")
    stranger.hears("didn't understand", "account number")
    stranger.says("9" * 60)
    stranger.hears("didn't understand", "account number")
    stranger.says("menu")
    stranger.hears("How can we help you?", "1. Link my account")
    assert codes_sent(stranger.app) == []
