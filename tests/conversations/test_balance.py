"""What customers hear when they ask how they stand."""

from tests.chat import Chat


def test_from_the_first_hello_to_the_balance(sara: Chat) -> None:
    sara.says("hi")
    sara.hears("أهلًا بكم في كهرباء النور", "Welcome to Noor Electricity", "1. العربية", "2. English")
    sara.says("2")
    sara.hears("Hello Sara Al-Ghamdi", "How can we help you?", "1. Balance", "2. My invoices", "Language")
    sara.says("1")
    sara.hears(
        "Amount due: SAR 214.35, on 2 invoices.",
        "One of them is overdue.",
        "The next one is due on",
        "Monthly plan: 11 days left.",
        "Your meters:",
        "البيت: meter 04012345678",
        "Meter 07098765432",
        "1. Pay an invoice",
        "2. Menu",
    )


def test_in_arabic(sara: Chat) -> None:
    sara.says("مرحبا")
    sara.says("عربي")
    sara.hears("أهلًا سارة الغامدي", "كهرباء النور", "1. رصيدي")
    sara.says("كم عليّ؟")
    sara.hears(
        "المبلغ المستحق عليكم 214.35 ر.س عن فاتورتين.",
        "منها فاتورة واحدة متأخرة السداد.",
        "الباقة الشهرية",
        "المتبقي 11 يومًا",
        "عدّاد 04012345678",
    )


def test_a_first_message_may_be_the_word_itself_in_the_language_on_file(sara: Chat, omar: Chat) -> None:
    sara.says("balance")
    sara.hears("المبلغ المستحق عليكم 214.35 ر.س")


def test_over_sms(sara_sms: Chat) -> None:
    sara_sms.says("english")
    sara_sms.hears("In English from now on.", "1. Balance")
    sara_sms.says("١")
    sara_sms.hears("Amount due: SAR 214.35, on 2 invoices.")
    assert [row.segments for row in sara_sms.rows()] != [None, None]
    assert sara_sms.rows()[0].encoding == "GSM-7"


def test_two_accounts_on_one_phone(omar: Chat) -> None:
    omar.says("balance")
    omar.hears("Which account is it about?", "1. Omar Hassan, account 1002", "2. Omar's Shop, account 1003")
    omar.says("2")
    omar.hears("Omar's Shop, account 1003", "Amount due: SAR 1,234.50, on one invoice.", "2. Another account")
    omar.says("2")
    omar.hears("Which account is it about?")
    omar.says("omar hassan account 1002")
    omar.hears("Account 1002.", "1. Balance", "Another account")
    omar.says("balance")
    omar.hears(
        "Omar Hassan, account 1002",
        "You have nothing to pay. Amount due: SAR 0.00",
        "Home: meter 01000000016",
    )


def test_a_paused_subscription_keeps_its_days(paused: Chat) -> None:
    paused.says("رصيدي")
    paused.hears("لا يوجد مبلغ مستحق عليكم", "0.00 ر.س", "الباقة الشهرية", "موقوف مؤقتًا منذ", "9 أيام محفوظة لكم")


def test_a_stranger_is_asked_for_the_account_number(stranger: Chat) -> None:
    stranger.says("balance")
    stranger.hears("This number is not confirmed for any account of Noor Electricity", "1. Talk to a person")
    stranger.says("1")
    stranger.hears("Our staff will read your request")
