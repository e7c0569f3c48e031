"""Where or by which number a payment can be made, in words; the link and the number each on a line of their own."""

from domain.gateways.results import Bill
from domain.money import Money
from domain.payments.reading import Payment
from flows.reply import Paragraph
from locales.text import Code, Name, text


def how_to_pay(payment: Payment) -> tuple[Paragraph, ...]:
    """Return what is said about a payment that a gateway waits for."""
    if payment.bill is not None:
        return _by_bill(payment.bill, payment.amount)
    return (text("pay.link", amount=payment.amount), text("pay.link_itself", link=payment.page_url or ""))


def _by_bill(bill: Bill, amount: Money) -> tuple[Paragraph, ...]:
    biller = (text("pay.biller", name=Name(bill.biller_name)),) if bill.biller_name else ()
    return (
        text("pay.sadad", amount=amount),
        (*biller, text("pay.biller_code"), text("pay.digits", code=Code(bill.biller_code))),
        (text("pay.bill_number"), text("pay.digits", code=Code(bill.number))),
        text("pay.sadad_until", last_day=bill.last_day),
    )
