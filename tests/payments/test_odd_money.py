"""Money that comes late, twice, too much, too little, for what is paid or cancelled: never lost, and told to staff."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest

from domain.cancelling import cancel
from domain.door import Door, Visit
from domain.money import Money
from domain.payments.reading import hold_payment
from domain.payments.spending import shares_of
from domain.payments.starting import Wanted, start_payment
from domain.payments.tables import INVOICE, LINK
from tests.chat import Chat
from tests.conftest import Later
from tests.moyasar.conftest import Sandbox
from tests.noor import SARA, Noor
from tests.payments.conftest import Till


def settled(till: Till, later: Later, **ahead: float) -> None:
    later(**(ahead or {"minutes": 2}))
    till.works()


def test_money_after_the_link_expired(sara: Chat, till: Till, moyasar: Sandbox, later: Later) -> None:
    payment = till.asked_for(sara)
    settled(till, later, hours=25)
    assert till.states() == ["expired"]
    moyasar.control("/pay", {"invoice_id": payment.page_id})
    settled(till, later, minutes=31)
    assert (till.states(), till.invoice("INV-1").status, till.wallet(SARA)) == (["settled"], "issued", 11_435)
    assert till.notifications() == [("payment_astray", "late")]
    till.book_is_whole()


def test_money_that_came_in_time_is_not_late_however_late_we_hear_of_it(
    sara: Chat, till: Till, moyasar: Sandbox, later: Later
) -> None:
    payment = till.asked_for(sara)
    moyasar.control("/pay", {"invoice_id": payment.page_id})
    settled(till, later, hours=30)
    assert (till.states(), till.invoice("INV-1").status) == (["settled"], "paid")


def test_a_second_payment_on_the_same_page(sara: Chat, till: Till, moyasar: Sandbox, later: Later) -> None:
    payment = till.asked_for(sara)
    for _ in range(2):
        moyasar.control("/pay", {"invoice_id": payment.page_id})
    settled(till, later)
    assert (till.states(), till.invoice("INV-1").status, till.wallet(SARA)) == (["settled"] * 2, "paid", 11_435)
    assert till.notifications() == [("payment_astray", "double")]
    till.book_is_whole()


@pytest.mark.parametrize(
    "came",
    [(15_000, "paid", 3_565, "surplus"), (11_434, "issued", 11_434, "amount")],
)
def test_another_amount_than_was_asked_for(
    sara: Chat, till: Till, moyasar: Sandbox, later: Later, came: tuple[int, str, int, str]
) -> None:
    amount, status, in_wallet, code = came
    payment = till.asked_for(sara)
    moyasar.control("/pay", {"invoice_id": payment.page_id, "amount": amount})
    settled(till, later)
    assert (till.invoice("INV-1").status, till.wallet(SARA)) == (status, in_wallet)
    assert till.notifications() == [("payment_astray", code)]
    till.book_is_whole()


def test_an_invoice_that_was_paid_otherwise_meanwhile(sara: Chat, till: Till, moyasar: Sandbox, later: Later) -> None:
    till.fills_wallet(SARA, 11_435)
    payment = till.asked_for(sara)
    for said in ("pay", "1", "from my wallet", "yes"):
        sara.says(said)
    assert till.invoice("INV-1").status == "paid"
    moyasar.control("/pay", {"invoice_id": payment.page_id})
    settled(till, later)
    assert till.wallet(SARA) == 11_435
    assert till.notifications() == [("payment_astray", "surplus")]
    till.book_is_whole()


def test_a_page_for_what_is_paid_already_is_closed(sara: Chat, till: Till, moyasar: Sandbox, later: Later) -> None:
    till.fills_wallet(SARA, 11_435)
    payment = till.asked_for(sara)
    for said in ("pay", "1", "from my wallet", "yes"):
        sara.says(said)
    settled(till, later)
    (page,) = moyasar.control("/invoices")["items"]
    assert (page["id"], page["status"], till.states()) == (payment.page_id, "canceled", ["expired", "settled"])


def test_a_cancelled_invoice(sara: Chat, till: Till, moyasar: Sandbox, later: Later) -> None:
    payment = till.asked_for(sara)
    moyasar.control("/pay", {"invoice_id": payment.page_id})
    with till.services.door.for_business(till.noor.business_id) as session:
        cancel(Visit.within(session), till.invoice("INV-1").id, "a mistake")
    settled(till, later)
    assert (till.invoice("INV-1").status, till.wallet(SARA)) == ("cancelled", 11_435)
    assert till.notifications() == [("payment_astray", "surplus")]
    till.book_is_whole()


def test_a_card_that_is_declined_pays_nothing(sara: Chat, till: Till, moyasar: Sandbox, later: Later) -> None:
    payment = till.asked_for(sara)
    for outcome in ("failed", "authorized"):
        moyasar.control("/pay", {"invoice_id": payment.page_id, "outcome": outcome})
    settled(till, later)
    assert (till.states(), till.invoice("INV-1").status) == (["pending"], "issued")


def test_a_bill_that_nobody_pays_expires(sara: Chat, till: Till, moyasar: Sandbox, later: Later) -> None:
    till.asked_for(sara, "sadad")
    settled(till, later, days=31)
    assert till.states() == ["expired"]
    till.book_is_whole()


FAULTS = ("status_500", "after_500", "drop_after", "status_429")


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize(("way", "scope"), [("payment link", "create_invoice"), ("sadad", "create_payment")])
def test_a_gateway_that_stumbles_makes_one_page_all_the_same(
    sara: Chat, till: Till, moyasar: Sandbox, later: Later, kind: str, way: str, scope: str
) -> None:
    moyasar.fault(scope, kind)
    till.asked_for(sara, way)
    for _ in range(4):
        settled(till, later)
    assert till.states() == ["pending"]
    assert len(moyasar.control("/invoices")["items"]) + len(moyasar.control("/payments")["items"]) == 1


def test_a_gateway_that_is_down_is_told_to_the_customer(sara: Chat, till: Till, moyasar: Sandbox, later: Later) -> None:
    moyasar.fault("create_invoice", "status_429", count=10)
    till.asked_for(sara)
    for _ in range(4):
        settled(till, later)
    sara.reads()
    assert till.states() == ["failed"]
    assert "Nothing was taken" in sara.rows()[-1].text


def test_who_asks_finds_what_the_gateway_could_not_say(sara: Chat, till: Till, moyasar: Sandbox, later: Later) -> None:
    """What is in doubt is looked for by the attempt that its metadata names, paid or not."""
    moyasar.fault("create_invoice", "drop_after")
    till.asked_for(sara)
    assert till.states() == ["in_doubt"]
    (page,) = moyasar.control("/invoices")["items"]
    moyasar.control("/pay", {"invoice_id": page["id"]})
    settled(till, later)
    assert (till.states(), till.invoice("INV-1").status) == (["settled"], "paid")


def test_within_ten_minutes_without_any_notice(sara: Chat, till: Till, moyasar: Sandbox, later: Later) -> None:
    payment = till.asked_for(sara)
    asked = []
    for _ in range(90):
        asks = till.payments()[0].asks
        later(minutes=1)
        till.works()
        asked.append(till.payments()[0].asks > asks)
    first_hour = "".join("x" if one else "." for one in asked[:60])
    assert max(map(len, first_hour.split("x"))) < 10
    assert sum(asked[60:]) < sum(asked[:30])
    moyasar.control("/pay", {"invoice_id": payment.page_id})
    settled(till, later, hours=7)
    assert till.states() == ["settled"]


def test_settling_twice_at_once_books_once(
    sara: Chat, till: Till, moyasar: Sandbox, twice: Callable[..., None]
) -> None:
    payment = till.asked_for(sara)
    moyasar.control("/pay", {"invoice_id": payment.page_id})
    sara.says("i have paid")
    twice(till.works)
    till.works()
    assert (till.states(), till.invoice("INV-1").paid_minor, till.wallet(SARA)) == (["settled"], 11_435, 0)
    till.book_is_whole()


def test_asking_again_for_what_is_just_being_settled_holds_nobody_up(
    sara: Chat, till: Till, moyasar: Sandbox, noor: Noor
) -> None:
    payment = till.asked_for(sara)
    moyasar.control("/pay", {"invoice_id": payment.page_id})
    invoice = till.invoice("INV-1")
    door = till.services.door

    def asks_again() -> None:
        with door.for_business(noor.business_id) as session:
            visit = Visit.within(session)
            shares = shares_of(visit, noor.business_id, payment.customer_id, [invoice.id])
            start_payment(
                visit,
                Wanted(noor.business_id, payment.customer_id, LINK, Money(11_435, "SAR"), INVOICE, shares),
            )

    with ThreadPoolExecutor(1) as pool, door.for_business(noor.business_id) as session:
        visit = Visit.within(session)
        hold_payment(visit, payment.id)
        again = pool.submit(asks_again)
        wait_until_blocked(till.services.door)
        visit.ask("SELECT FROM invoice WHERE id = %(id)s FOR NO KEY UPDATE NOWAIT", {"id": invoice.id})
        session.commit()
        again.result(10)
    assert till.states() == ["pending"]


def wait_until_blocked(door: Door) -> None:
    """Wait until somebody waits for a row that another holds."""
    for _ in range(200):
        with door.for_every_business() as session:
            ((waiting,),) = Visit.within(session).ask("SELECT count(*) FROM pg_locks WHERE NOT granted", {})
        if waiting:
            return
        sleep(0.05)
    raise TimeoutError("nobody waits")
