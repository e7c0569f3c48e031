"""The customer's invoices."""

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from domain.shown_invoices import ShownInvoice, invoice_of, invoices_of
from flows.flow import Entry, Flow, Go, Reply
from flows.reply import Paragraph, reply
from locales.text import Code, Name, Text, text

# Ten years of months; whoever needs older ones asks a person.
_MOST: Final = 120


class Invoices(Flow):
    """Lists the invoices, the open ones first, and shows the one that is chosen."""

    name = "invoices"
    states = ("listed", "shown", "paying")
    script = (
        ("listed", "invoice", "shown"),
        ("shown", "all_invoices", "listed"),
        ("shown", "pay_this", "paying"),
    )
    needs_account = True
    heard_choices = frozenset({"invoice"})
    looks = frozenset({"listed", "shown"})

    def ask_listed(self) -> Reply:
        """List them."""
        found = invoices_of(self.turn.visit, self._customer_id, _MOST + 1)
        if not found:
            return reply(text("invoices.none"), entries=(Entry("menu", text("menu.back")),))
        older = (text("invoices.older"),) if len(found) > _MOST else ()
        rows = (self._row(one) for one in found[:_MOST])
        head = text("invoices.choose" if found[0].is_open else "invoices.choose_paid")
        return reply(head, *older, entries=(*rows, Entry("menu", text("menu.back"))))

    def on_invoice(self) -> None:
        """Remember which one."""
        self.memo["invoice"] = self.arg

    def ask_shown(self) -> Reply | Go:
        """Show it."""
        found = invoice_of(self.turn.visit, self._customer_id, self.memo.get("invoice") or "")
        if found is None:
            return Go("invoices")  # it was cancelled since it was listed
        pays = (Entry("pay_this", text("invoices.pay")),) if found.is_open else ()
        ways = (*pays, Entry("all_invoices", text("invoices.all")), Entry("menu", text("menu.back")))
        return reply(*self._paragraphs(found), entries=ways)

    def ask_paying(self) -> Go:
        """Go on to how it is paid."""
        return Go("pay", {"chosen": self.memo.get("invoice")})

    @property
    def _customer_id(self) -> UUID:
        account = self.turn.account
        assert account is not None  # noqa: S101  the engine sees to it: this flow needs an account
        return account.customer_id

    def _row(self, invoice: ShownInvoice) -> Entry:
        label = text("invoices.number", invoice=Code(invoice.invoice_no))
        return Entry("invoice", label, invoice.invoice_no, self._in_brief(invoice))

    def _in_brief(self, invoice: ShownInvoice) -> Text:
        if not invoice.is_open:
            return text("invoices.is_paid", total=invoice.total)
        if invoice.is_overdue(self.turn.today):
            return text("invoices.is_overdue", owed=invoice.owed, due=invoice.due_date)
        return text("invoices.is_due", owed=invoice.owed, due=invoice.due_date)

    def _paragraphs(self, invoice: ShownInvoice) -> Iterator[Paragraph]:
        yield tuple(self._head(invoice))
        yield (
            text("invoices.net", net=invoice.net),
            text("invoices.vat", vat=invoice.vat),
            text("invoices.total", total=invoice.total),
            text("invoices.paid", paid=invoice.paid),
            text("invoices.owed", owed=invoice.owed),
        )

    def _head(self, invoice: ShownInvoice) -> Iterator[Text]:
        yield text("invoices.invoice", invoice=Code(invoice.invoice_no))
        description = invoice.description_in(self.turn.language)
        if description:
            yield text("invoices.description", description=Name(description))
        yield text("invoices.issued", issued=invoice.issue_date)
        if invoice.is_overdue(self.turn.today):
            yield text("invoices.due_overdue", due=invoice.due_date)
        else:
            yield text("invoices.due", due=invoice.due_date)
