"""A customer pays in the chat: by link, through SADAD, from the wallet; and the confirmation arrives by itself."""

import re

import pytest

from bot.metrics import exposition
from tests.chat import Chat
from tests.moyasar.conftest import Sandbox
from tests.noor import SARA
from tests.payments.conftest import Till


def page_in(chat: Chat, moyasar: Sandbox) -> dict[str, str]:
    """Return the page of the gateway's whose link stands on a line of its own in what was last said."""
    found = re.search(rf"^{re.escape(moyasar.url)}/invoices/(\S+)$", "\n".join(chat.answers), re.MULTILINE)
    assert found, chat.answers
    return {"id": found[1]}


def test_an_invoice_is_paid_by_link(sara: Chat, till: Till, moyasar: Sandbox) -> None:
    sara.says("english")
    sara.says("pay")
    sara.hears("You owe SAR 214.35 on 2 invoices", "1. INV-1", "SAR 114.35, overdue", "2. INV-2", "3. All of them")
    sara.says("1")
    sara.hears("Invoice INV-1: SAR 114.35", "1. Payment link", "2. SADAD", "3. Menu")
    sara.says("payment link")
    sara.hears("Your payment link comes in a moment", "1. I have paid")
    assert till.states() == ["created"]
    till.works()
    sara.reads()
    sara.hears("To pay SAR 114.35, open this link:", moyasar.url)
    moyasar.pay(page_in(sara, moyasar))
    sara.says("I have paid")
    till.works()
    answers = sara.reads()
    assert "received your payment of SAR\u00a0114.35 for invoice INV-1" in answers[-1]
    assert sara.rows()[-1].media[0]["url"].startswith("http://127.0.0.1:8000/i/")
    assert (till.states(), till.invoice("INV-1").status) == (["settled"], "paid")
    till.book_is_whole()


def test_what_is_on_its_way_is_told_to_prometheus(sara: Chat, till: Till, moyasar: Sandbox) -> None:
    payment = till.asked_for(sara)
    assert 'raseed_payments_open{status="pending"} 1.0' in exposition(till.services.door).decode()
    moyasar.control("/pay", {"invoice_id": payment.page_id})
    sara.says("I have paid")
    till.works()
    page = exposition(till.services.door).decode()
    assert "# TYPE raseed_payments_open gauge" in page
    assert "raseed_payments_open{" not in page


def test_in_arabic_from_the_list_of_invoices(sara: Chat, till: Till, moyasar: Sandbox) -> None:
    sara.says("فواتيري")
    sara.says("1")
    sara.hears("فاتورة INV-1", "1. دفع هذه الفاتورة")
    sara.says("١")
    sara.hears("الفاتورة INV-1، والمبلغ 114.35 ر.س", "1. رابط الدفع", "2. سداد")
    sara.says("رابط الدفع")
    sara.hears("سيصلكم رابط الدفع بعد لحظات", "1. تم الدفع")
    till.works()
    sara.reads()
    sara.hears("لدفع 114.35 ر.س افتحوا هذا الرابط:")
    moyasar.pay(page_in(sara, moyasar))
    sara.says("دفعت")
    till.works()
    assert "تم استلام دفعتكم وقدرها" in sara.reads()[-1]
    assert till.invoice("INV-1").status == "paid"


def test_all_at_once_through_sadad(sara: Chat, till: Till, moyasar: Sandbox) -> None:
    sara.says("english")
    sara.says("pay")
    sara.says("all of them")
    sara.hears("2 invoices, SAR 214.35 in all", "1. Payment link", "2. SADAD")
    sara.says("sadad")
    sara.hears("Your SADAD bill number comes in a moment")
    till.works()
    sara.reads()
    said = sara.hears("Pay SAR 214.35 through SADAD", "Biller code:", "901", "Bill number:", "It can be paid until")
    number = re.search(r"^\d{10,}$", said, re.MULTILINE)
    assert number
    (bill,) = moyasar.control("/payments")["items"]
    assert bill["source"]["sadad_number"] == number[0]
    moyasar.control("/settle", {"payment_id": bill["id"], "outcome": "paid"})
    sara.says("i have paid")
    till.works()
    assert "payment of SAR\u00a0214.35 for 2 invoices" in sara.reads()[-1]
    assert [till.invoice(one).status for one in ("INV-1", "INV-2")] == ["paid", "paid"]
    till.book_is_whole()


def test_from_the_wallet_by_sms_with_the_code(sara_sms: Chat, till: Till) -> None:
    till.fills_wallet(SARA, 30_000)
    sara = sara_sms
    sara.says("english")
    sara.says("balance")
    sara.hears("214.35", "In your wallet: SAR 300.00")
    sara.says("pay")
    sara.says("2")
    sara.hears("Invoice INV-2: SAR 100.00", "Your wallet has SAR 300.00", "1. From my wallet")
    sara.says("1")
    sara.hears("Pay SAR 100.00 for invoice INV-2 from your wallet?", "1. Yes, pay it")
    sara.says("1")
    assert till.wallet(SARA) == 30_000
    sara.says("000000")
    assert till.wallet(SARA) == 30_000
    sara.types_the_code()
    sara.hears("received your payment of SAR 100.00 for invoice INV-2", "Your wallet has SAR 200.00", "/i/")
    assert (till.wallet(SARA), till.invoice("INV-2").status) == (20_000, "paid")
    till.book_is_whole()


def test_the_wallet_is_offered_only_where_it_suffices(sara: Chat, till: Till) -> None:
    till.fills_wallet(SARA, 11_434)
    sara.says("english")
    sara.says("pay")
    sara.says("1")
    assert "From my wallet" not in sara.hears("Your wallet has SAR 114.34", "1. Payment link")


def test_the_wallet_is_filled(sara: Chat, till: Till, moyasar: Sandbox) -> None:
    sara.says("عربي")
    sara.says("تعبئة المحفظة")
    sara.hears("بكم تودون", "1. 50.00 ر.س")
    sara.says("١٬٢٣٤٫٥٠")
    sara.hears("تعبئة المحفظة بمبلغ 1,234.50 ر.س", "1. رابط الدفع")
    sara.says("1")
    till.works()
    sara.reads()
    moyasar.pay(page_in(sara, moyasar))
    sara.says("تم الدفع")
    till.works()
    assert "1,234.50" in sara.reads()[-1]
    assert till.wallet(SARA) == 123_450
    sara.says("دفعاتي")
    sara.hears("رصيد المحفظة 1,234.50", "رابط الدفع، وصلت")
    till.book_is_whole()


def test_too_much_and_too_little_are_refused(sara: Chat, till: Till) -> None:
    sara.says("english")
    sara.says("top up")
    sara.says("0.50")
    sara.hears("The least is SAR 1.00", "How much")
    sara.says("ten million")
    sara.hears("How much")
    sara.says("10,000.01")
    sara.hears("the most at once SAR 10,000.00")


def test_who_says_so_and_has_not_paid_is_told(sara: Chat, till: Till, moyasar: Sandbox) -> None:
    sara.says("english")
    sara.says("pay")
    sara.says("1")
    sara.says("payment link")
    till.works()
    sara.says("i have paid")
    till.works()
    sara.reads()
    sara.hears("Your payment of SAR 114.35 has not arrived yet")
    assert till.states() == ["pending"]


def test_the_same_again_is_the_same_link(sara: Chat, till: Till, moyasar: Sandbox) -> None:
    for _ in range(2):
        sara.says("english")
        sara.says("pay")
        sara.says("1")
        sara.says("payment link")
        till.works()
    sara.hears("To pay SAR 114.35, open this link:", moyasar.url, "1. I have paid")
    assert till.states() == ["pending"]
    assert len(moyasar.control("/invoices")["items"]) == 1


def test_nothing_is_owed(huda: Chat, till: Till) -> None:
    huda.says("english")
    huda.says("pay")
    huda.hears("You owe nothing", "1. Top up my wallet")


@pytest.mark.parametrize("way", ["link", "sadad"])
def test_who_has_paid_one_of_two_ways_is_not_told_that_nothing_came(
    sara: Chat, till: Till, moyasar: Sandbox, way: str
) -> None:
    """A link and a bill for the same: either may be what was paid."""
    by_link = till.asked_for(sara)
    by_bill = till.asked_for(sara, "sadad")
    if way == "link":
        moyasar.control("/pay", {"invoice_id": by_link.page_id})
    else:
        moyasar.control("/settle", {"payment_id": str(by_bill.id)})
    before = len(sara.rows())
    sara.says("I have paid")
    till.works()
    said = [row.text for row in sara.rows()[before:]]
    assert sum("received your payment" in one for one in said) == 1
    assert not any("has not arrived yet" in one for one in said)


def test_who_has_paid_neither_is_told_once(sara: Chat, till: Till) -> None:
    till.asked_for(sara)
    till.asked_for(sara, "sadad")
    before = len(sara.rows())
    sara.says("I have paid")
    till.works()
    assert sum("has not arrived yet" in row.text for row in sara.rows()[before:]) == 1
