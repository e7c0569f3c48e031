"""The customer's invoices: listed, shown, and sent as PDF, here or by e-mail."""

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from domain.dunning.plans import owing
from domain.dunning.rules import rules_of
from domain.mailboxes import Mailbox, mailbox_of
from domain.senders import EMAIL
from domain.shown_invoices import ShownInvoice, invoice_of, invoices_of
from flows.flow import Entry, Flow, Go, Reply
from flows.reply import Paragraph, reply
from flows.turn import Elsewhere
from locales.text import Code, Name, Text, text

# Ten years of months; whoever needs older ones asks a person.
_MOST: Final = 120


class Invoices(Flow):
    """Lists the invoices, the open ones first, shows the one that is chosen, and sends it."""

    name = "invoices"
    states = ("listed", "shown", "sent", "mailed", "paying", "splitting")
    script = (
        ("listed", "invoice", "shown"),
        ("shown", "pdf", "sent"),
        ("shown", "by_email", "mailed"),
        ("shown", "all_invoices", "listed"),
        ("shown", "pay_this", "paying"),
        ("shown", "in_parts", "splitting"),
        ("sent", "by_email", "mailed"),
        ("sent", "pay_this", "paying"),
        ("sent", "all_invoices", "listed"),
        ("mailed", "pay_this", "paying"),
        ("mailed", "all_invoices", "listed"),
    )
    needs_account = True
    heard_choices = frozenset({"invoice"})
    looks = frozenset({"listed", "shown", "sent", "mailed"})

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
        found = self._invoice
        if found is None:
            return Go("invoices")  # it was cancelled since it was listed
        return reply(*self._paragraphs(found), entries=tuple(self._ways_on(found, "pdf", "by_email")))

    def ask_sent(self) -> Reply | Go:
        """Send it, as a document or as a link to one, whichever the channel carries."""
        found = self._invoice
        if found is None:
            return Go("invoices")
        link = self.turn.link_to(found.invoice_id, self.turn.language)
        here = text("invoices.here", invoice=Code(found.invoice_no))
        return reply(here, entries=tuple(self._ways_on(found, "by_email")), media=(link,))

    def on_by_email(self) -> None:
        """Send it to the address on file."""
        found, mailbox = self._invoice, self._mailbox
        if found is not None and mailbox is not None:
            self.turn.tell(self._mail(found, mailbox))

    def ask_mailed(self) -> Reply | Go:
        """Say that it is on its way."""
        found, mailbox = self._invoice, self._mailbox
        if found is None or mailbox is None:
            return Go("invoices")
        said = text("invoices.mailed", invoice=Code(found.invoice_no), email=Code(mailbox.hint))
        return reply(said, entries=tuple(self._ways_on(found)))

    def ask_paying(self) -> Go:
        """Go on to how it is paid."""
        return Go("pay", {"chosen": self.memo.get("invoice")})

    def ask_splitting(self) -> Go:
        """Go on to how it is paid in instalments."""
        return Go("instalments", {"chosen": self.memo.get("invoice")})

    def _ways_on(self, invoice: ShownInvoice, *sendings: str) -> Iterator[Entry]:
        if invoice.is_open:
            yield Entry("pay_this", text("invoices.pay"))
        if "pdf" in sendings and self._may_split(invoice):
            yield Entry("in_parts", text("instalments.in_parts"))
        if "pdf" in sendings:
            yield Entry("pdf", text("invoices.pdf"))
        if "by_email" in sendings and self._mailbox is not None:
            yield Entry("by_email", text("invoices.by_email"))
        yield Entry("all_invoices", text("invoices.all"))
        yield Entry("menu", text("menu.back"))

    def _mail(self, invoice: ShownInvoice, mailbox: Mailbox) -> Elsewhere:
        turn, number = self.turn, Code(invoice.invoice_no)
        return Elsewhere(
            sender_id=mailbox.sender_id,
            channel=EMAIL,
            address=mailbox.address,
            kind="notice",
            said=text("invoices.mail", invoice=number),
            language=turn.language,
            customer_id=self._customer_id,
            subject=text("invoices.invoice", invoice=number),
            sender=turn.business_name,
            document_id=invoice.invoice_id,
        )

    def _may_split(self, invoice: ShownInvoice) -> bool:
        """Tell whether it may be paid in instalments; nobody asks further where it is too small for that."""
        least = rules_of(self.turn.visit, self.turn.desk.business_id).instalments_from_minor
        if least is None or not invoice.is_open or invoice.owed.minor < least:
            return False
        one = owing(self.turn.visit, invoice.invoice_id)
        return one is not None and one.undisputed and not one.planned and not one.broken

    @property
    def _invoice(self) -> ShownInvoice | None:
        return invoice_of(self.turn.visit, self._customer_id, self.memo.get("invoice") or "")

    @property
    def _mailbox(self) -> Mailbox | None:
        return mailbox_of(self.turn.visit, self._customer_id) if self.turn.sends_mails else None

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
