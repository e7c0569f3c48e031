"""A customer asks why a bill is what it is: line by line, as it was issued."""

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from domain.billing.explaining import BillLine, ExplainedBill, bills_of
from flows.amounts import numbers_in
from flows.flow import Entry, Flow, Reply
from flows.reply import Paragraph, reply
from locales.text import Code, Name, Text, text

_MOST: Final = 9
# So many lines fit a message.
_MOST_LINES: Final = 12


class Why(Flow):
    """Explains the bill whose amount was said, else the newest; others can be chosen."""

    name = "why"
    states = ("explained", "choosing")
    script = (
        ("explained", "other_bills", "choosing"),
        ("choosing", "one_bill", "explained"),
    )
    needs_account = True
    heard_choices = frozenset({"one_bill"})
    looks = frozenset({"explained", "choosing"})

    def ask_explained(self) -> Reply:
        """Explain it."""
        bills = self._bills
        if not bills:
            entries = (Entry("invoices", text("menu.invoices")), Entry("menu", text("menu.back")))
            return reply(text("why.none"), entries=entries)
        found = self._chosen(bills)
        return reply(*self._paragraphs(found), entries=tuple(_ways_on(found, bills)))

    def ask_choosing(self) -> Reply:
        """List them."""
        rows = (
            Entry("one_bill", text("invoices.number", invoice=Code(one.invoice_no)), one.invoice_no, _in_brief(one))
            for one in self._bills
        )
        return reply(text("why.which"), entries=(*rows, Entry("menu", text("menu.back"))))

    def on_one_bill(self) -> None:
        """Remember which one."""
        self.memo["bill"] = self.arg

    @property
    def _bills(self) -> list[ExplainedBill]:
        account = self.turn.account
        assert account is not None  # noqa: S101  the engine sees to it: this flow needs an account
        customer_id: UUID = account.customer_id
        return bills_of(self.turn.visit, customer_id, _MOST)

    def _chosen(self, bills: list[ExplainedBill]) -> ExplainedBill:
        wanted = self.memo.get("bill") or self._said_in(bills)
        return next((one for one in bills if one.invoice_no == wanted), bills[0])

    def _said_in(self, bills: list[ExplainedBill]) -> str | None:
        """Return the bill whose amount, or whose number, the customer has named."""
        figures = {figure.replace(",", "") for figure in numbers_in(self.turn.heard.text)}
        for one in bills:
            amounts = {f"{money.major.normalize():f}" for money in (one.total, one.owed)}
            amounts |= {f"{money.major}" for money in (one.total, one.owed)}
            if figures & amounts or one.invoice_no.casefold() in self.turn.heard.text.casefold():
                return one.invoice_no
        return None

    def _paragraphs(self, bill: ExplainedBill) -> Iterator[Paragraph]:
        read = text("why.estimated" if bill.estimated else "why.read", before=bill.before, after=bill.after)
        yield (
            text("invoices.invoice", invoice=Code(bill.invoice_no)),
            text("why.meter", meter=Code(bill.meter_no)),
            text("why.days", first=bill.first, last=bill.last),
            read,
            text("why.used", kwh=bill.kwh),
        )
        yield tuple(self._line(one) for one in bill.lines[:_MOST_LINES])
        yield (
            text("invoices.net", net=bill.net),
            text("why.vat", per_cent=bill.vat_percent, vat=bill.vat),
            text("invoices.total", total=bill.total),
        )

    def _line(self, line: BillLine) -> Text:
        said = Name(line.description_ar if self.turn.language == "ar" else line.description_en)
        if line.kwh is None:
            return text("why.line", item=said, net=line.net)
        if line.price is None:
            return text("why.line_kwh", item=said, kwh=line.kwh, net=line.net)
        return text("why.line_measured", item=said, kwh=line.kwh, unit_price=line.price, net=line.net)


def _in_brief(bill: ExplainedBill) -> Text:
    return text("why.brief", total=bill.total, last=bill.last)


def _ways_on(bill: ExplainedBill, bills: list[ExplainedBill]) -> Iterator[Entry]:
    if len(bills) > 1:
        yield Entry("other_bills", text("why.others"))
    if bill.owed.minor > 0:
        yield Entry("pay", text("menu.pay"))
    yield Entry("agent", text("menu.agent"))
    yield Entry("menu", text("menu.back"))
