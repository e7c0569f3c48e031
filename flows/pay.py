"""A customer pays invoices: one or all, from the wallet, by link or through SADAD."""

from functools import cached_property
from uuid import UUID

from domain.money import Money
from domain.payments.spending import Changed, TooLittle, pay_from_wallet
from domain.payments.starting import Share, Wanted
from domain.payments.tables import INVOICE, WALLET
from domain.shown_invoices import ShownInvoice, open_invoices_of
from domain.wallet import wallet_of
from flows.echo import CODE_CHOICES, STEPS, Echo
from flows.flow import Entry, Go, Reply
from flows.online import ONLINE, Online, online_ways
from flows.reply import reply
from locales.text import Code, Text, counted, text

# What a list holds beside `all` and the way back; whoever owes more pays all, or the oldest first.
_MOST = 30
_ALL = "all"


class Pay(Online, Echo):
    """Lists what is owed, asks how to pay, and pays from the wallet or has a link or a bill made."""

    name = "pay"
    states = ("which", "how", "confirm", "code", "done", "refused", "waiting", "asked")
    needs_account = True
    script = (
        ("which", "to_pay", "how"),
        ("which", "pay_all", "how"),
        ("which", "only", "how"),
        ("which", "nothing", "refused"),
        ("how", "nothing", "refused"),
        ("how", "by_wallet", "confirm"),
        ("how", "by_link", "waiting"),
        ("how", "by_sadad", "waiting"),
        ("confirm", "confirm_pay", "code"),
        *STEPS,
        *ONLINE,
    )
    heard_choices = CODE_CHOICES | {"to_pay", "only", "nothing"}
    confirms = frozenset({"confirm", "code"})

    def ask_which(self) -> Reply | Go:
        """Ask which, where more than one is owed."""
        if not self._open:
            return self.choose("nothing")
        if len(self._open) == 1 or self._named:
            return self.choose("only")
        rows = (
            Entry("to_pay", text("invoices.number", invoice=Code(one.invoice_no)), one.invoice_no, self._brief(one))
            for one in self._open
        )
        every = Entry("pay_all", text("pay.all"), None)
        total = Money(sum(one.owed.minor for one in self._open), self._open[0].owed.currency)
        head = counted("pay.which", len(self._open), total=total)
        return reply(head, entries=(*rows, every, Entry("menu", text("menu.back"))))

    def on_to_pay(self) -> None:
        """This one."""
        self.memo["chosen"] = self.arg

    def on_pay_all(self) -> None:
        """All of them."""
        self.memo["chosen"] = _ALL

    def on_only(self) -> None:
        """The one that there is, or that was chosen before."""
        self.memo.setdefault("chosen", self._open[0].invoice_no)

    def ask_how(self) -> Reply | Go:
        """Ask how."""
        if not self._chosen:
            return self.choose("nothing")
        held = wallet_of(self.turn.visit, self._customer, self._total.currency)
        self.memo["shares"] = [[str(one.invoice_id), one.owed.minor] for one in self._chosen]
        wallet = (Entry("by_wallet", text("pay.by_wallet")),) if held.minor >= self._total.minor else ()
        ways = (*wallet, *online_ways(self.turn, self._total))
        said = (self._how(), *((text("paid.wallet", wallet=held),) if held.minor else ()))
        if not ways:
            return reply(said, text("pay.no_way"), entries=self.ways_on())
        return reply(said, entries=(*ways, Entry("menu", text("menu.back"))))

    def ask_confirm(self) -> Reply | Go:
        """Ask once more: it is paid at once."""
        if not self._chosen:
            return Go("pay")
        entries = (Entry("confirm_pay", text("pay.yes")), Entry("menu", text("pay.no")))
        return reply(self._question(), entries=entries)

    def on_confirm_pay(self) -> None:
        """Make sure who they are."""
        self.send_code()

    def subject(self) -> str:
        """Return what would be paid, as it stands now."""
        return f"pay {self._customer} {self.memo.get('shares')}"

    def act(self) -> None:
        """Pay it from the wallet, unless what is owed has changed, or the wallet."""
        try:
            done = pay_from_wallet(self.turn.visit, self.wanted(WALLET))
        except Changed:
            self.memo["refused"] = "changed"
        except TooLittle:
            self.memo["refused"] = "too_little"
        else:
            self.memo["paid"] = [[str(one.invoice_id), one.invoice_no] for one in done.applied]
            self.memo["amount"] = self.wanted(WALLET).amount.minor

    def ask_done(self) -> Reply:
        """Say that it is paid, with the invoice."""
        if "refused" in self.memo:
            return self.ask_refused()
        paid, amount = self.memo["paid"], Money(self.memo["amount"], self._currency)
        left = text("paid.wallet", wallet=wallet_of(self.turn.visit, self._customer, self._currency))
        if len(paid) == 1:
            ((invoice_id, number),) = paid
            said = text("paid.invoice", amount=amount, invoice=Code(number))
            document = self.turn.link_to(UUID(invoice_id), self.turn.language)
            return reply((said, left), entries=self.ways_on(), media=(document,))
        return reply((counted("paid.invoices", len(paid), amount=amount), left), entries=self.ways_on())

    def on_nothing(self) -> None:
        """Nothing is owed."""
        self.memo["refused"] = "nothing"

    def ask_refused(self) -> Reply:
        """Say why not; nothing was taken."""
        if self.memo.get("refused") == "nothing":
            ways = (Entry("top_up", text("menu.top_up")), Entry("menu", text("menu.back")))
            return reply(text("pay.nothing"), entries=ways)
        reasons = {"locked": text("link.locked"), "too_little": text("pay.too_little")}
        said = reasons.get(str(self.memo.get("refused")), text("pay.changed"))
        return reply(said, entries=self.ways_on())

    def wanted(self, method: str) -> Wanted:
        """Return the shares as they were shown."""
        shares = tuple(Share(UUID(one), minor) for one, minor in self.memo["shares"])
        amount = Money(sum(share.minor for share in shares), self._currency)
        business_id, conversation = self.turn.desk.business_id, self.turn.opening.conversation_id
        return Wanted(
            business_id, self._customer, method, amount, INVOICE, shares, conversation_id=conversation
        )  # fmt: skip

    def ways_on(self) -> tuple[Entry, ...]:
        """Return what may be chosen at the end."""
        return (Entry("invoices", text("menu.invoices")), Entry("menu", text("menu.back")))

    def _how(self) -> Text:
        if len(self._chosen) == 1:
            return text("pay.how_one", amount=self._total, invoice=Code(self._chosen[0].invoice_no))
        return counted("pay.how", len(self._chosen), amount=self._total)

    def _question(self) -> Text:
        if len(self._chosen) == 1:
            return text("pay.confirm_one", amount=self._total, invoice=Code(self._chosen[0].invoice_no))
        return counted("pay.confirm", len(self._chosen), amount=self._total)

    def _brief(self, one: ShownInvoice) -> Text:
        if one.is_overdue(self.turn.today):
            return text("invoices.is_overdue", owed=one.owed, due=one.due_date)
        return text("invoices.is_due", owed=one.owed, due=one.due_date)

    @cached_property
    def _open(self) -> list[ShownInvoice]:
        """What is owed, what is due first at the head; of invoices in other currencies a person knows."""
        found = open_invoices_of(self.turn.visit, self._customer, _MOST)
        return [one for one in found if one.owed.currency == self._currency]

    @property
    def _named(self) -> bool:
        return any(one.invoice_no == self.memo.get("chosen") for one in self._open)

    @property
    def _chosen(self) -> list[ShownInvoice]:
        chosen = self.memo.get("chosen")
        return [one for one in self._open if chosen in {_ALL, one.invoice_no}]

    @property
    def _total(self) -> Money:
        return Money(sum(one.owed.minor for one in self._chosen), self._currency)

    @property
    def _currency(self) -> str:
        return self.turn.desk.currency
