"""Random histories of payments: everything at once, twice, late, in any order, with deaths between any two statements.

Beside the service's books stands the gateway's truth, which knows nothing of them: what was paid there, what was given
back. At the end nothing may be missing, whatever happened in between.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Lock
from typing import Any
from uuid import UUID, uuid4

from domain.cancelling import CannotCancel, cancel
from domain.clock import now
from domain.door import Door, Visit
from domain.gateways.results import GatewayPayment, Page, Status
from domain.money import Money
from domain.payments import noting, refunding, spending
from domain.payments.reading import payment_of
from domain.payments.refunding import CannotRefund, Reason, Refund
from domain.payments.settling import settle
from domain.payments.spending import Changed, TooLittle
from domain.payments.starting import Recorded, Share, Wanted, start_payment
from domain.payments.states import EXPIRE, FAIL, IllegalTransition
from domain.payments.tables import ASKED, CASH, INVOICE, LINK, TO_GATEWAY, TO_WALLET, TOP_UP
from domain.wallet import wallet_of

REFUSALS = (Changed, TooLittle, CannotRefund, IllegalTransition, CannotCancel)


class Died(Exception):
    """The process died."""


class Mortal(Visit):
    """A visit in a process that dies after so many statements."""

    def __init__(self, visit: Visit, after: int) -> None:
        super().__init__(visit._driver)
        self._left = after

    def ask(self, statement: str, values: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
        if self._left == 0:
            raise Died
        self._left -= 1
        return super().ask(statement, values)


@dataclass
class Gateway:
    """The truth: what was paid for which attempt, and what was given back."""

    paid: dict[str, tuple[UUID, GatewayPayment]] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def take(self, attempt: UUID, minor: int, late: bool) -> None:
        at = now() + timedelta(hours=48 if late else 0)
        amount, nothing = Money(minor, "SAR"), Money(0, "SAR")
        made = GatewayPayment(str(uuid4()), Status.PAID, amount, nothing, str(attempt), None, None, None, at)
        with self.lock:
            self.paid[made.id] = (attempt, made)

    def refund(self, payment_id: str, amount: Money) -> None:
        with self.lock:
            attempt, one = self.paid[payment_id]
            self.paid[payment_id] = (attempt, replace(one, refunded=one.refunded + amount))

    def of(self, attempt: UUID) -> list[GatewayPayment]:
        with self.lock:
            return [one for whose, one in self.paid.values() if whose == attempt]


@dataclass
class History:
    """One customer's life with money. All chance comes from the seed, but for what the system makes of two at once."""

    door: Door
    business_id: UUID
    customer_id: UUID
    invoices: list[UUID]
    seed: int
    gateway: Gateway = field(default_factory=Gateway)
    attempts: list[UUID] = field(default_factory=list)
    refunding: Lock = field(default_factory=Lock)

    def live(self, pool: ThreadPoolExecutor) -> None:
        """Let things happen, some of them at once, and then let those who look after what is left have their turn."""
        chance = random.Random(self.seed)
        for _ in range(chance.randint(4, 10)):
            steps = [(self._step(chance), random.Random(chance.random())) for _ in range(chance.choice((1, 1, 2)))]
            for done in [pool.submit(self._try, *one) for one in steps]:
                done.result()
        self._recover()

    def check(self) -> None:
        """Nothing has disappeared, nothing was made, and nothing is below zero."""
        with self.door.for_business(self.business_id) as session:
            visit = Visit.within(session)
            wallet = wallet_of(visit, self.customer_id, "SAR").minor
            rows = visit.ask(
                "SELECT status, paid_minor, total_minor FROM invoice WHERE customer_id = %(id)s",
                {"id": self.customer_id},
            )
            ((cash,),) = visit.ask(
                "SELECT COALESCE(sum(received_minor), 0) FROM payment WHERE customer_id = %(id)s AND method = 'cash'",
                {"id": self.customer_id},
            )
            left = visit.ask(
                "SELECT status FROM payment WHERE customer_id = %(id)s AND status = 'paid' "
                "UNION ALL SELECT refund.status FROM payment_refund AS refund JOIN payment ON payment.id = payment_id "
                "WHERE customer_id = %(id)s AND refund.status IN ('asked', 'in_doubt')",
                {"id": self.customer_id},
            )
        came = sum(one.amount.minor - one.refunded.minor for _, one in self.gateway.paid.values())
        paid = sum(paid for status, paid, _ in rows if status != "cancelled")
        assert left == [], f"seed {self.seed}"
        assert wallet + paid == came + cash, f"seed {self.seed}"
        assert wallet >= 0
        assert all(paid <= total for _, paid, total in rows)

    def _step(self, chance: random.Random) -> Callable[[random.Random], None]:
        steps = (
            (self._start, 4), (self._top_up, 2), (self._notice, 6), (self._wallet, 3), (self._cash, 1),
            (self._refund, 3), (self._cancel, 1), (self._end, 2), (self._carry_refunds, 3),
        )  # fmt: skip
        return chance.choices([one for one, _ in steps], [weight for _, weight in steps])[0]

    def _try(self, step: Callable[[random.Random], None], chance: random.Random) -> None:
        self._pay_at_the_gateway(chance)
        with suppress(Died, *REFUSALS):
            step(chance)

    @contextmanager
    def _visit(self, chance: random.Random) -> Iterator[Visit]:
        """A transaction; in one of four the process dies somewhere in it, and nothing of it is there."""
        with self.door.for_business(self.business_id) as session:
            visit = Visit.within(session)
            yield Mortal(visit, chance.randint(0, 14)) if chance.random() < 0.25 else visit

    def _recover(self) -> None:
        """Let the workers find what is left, as they do when it is due."""
        certain = random.Random(1)
        certain.random = lambda: 0.5  # type: ignore[method-assign]  nobody dies any more
        for attempt in self.attempts:
            with self._visit(certain) as visit:
                noting.note_money(visit, attempt, self.gateway.of(attempt))
        with self._visit(certain) as visit:
            rows = visit.ask(
                "SELECT id FROM payment WHERE customer_id = %(id)s AND status = 'paid'", {"id": self.customer_id}
            )
        for (payment_id,) in rows:
            with self._visit(certain) as visit:
                settle(visit, payment_id)
        for _ in range(3):
            self._carry_refunds(certain)

    def _pay_at_the_gateway(self, chance: random.Random) -> None:
        """Somebody pays on a page: in time or late, what is asked or something else, perhaps twice."""
        if not self.attempts or chance.random() < 0.4:
            return
        attempt = chance.choice(self.attempts)
        with self.door.for_business(self.business_id) as session:
            payment = payment_of(Visit.within(session), attempt)
        for _ in range(chance.choice((1, 1, 1, 2))):
            minor = payment.amount.minor + chance.choice((0, 0, 0, 0, 500, -1 if payment.amount.minor > 1 else 0))
            self.gateway.take(attempt, minor, late=chance.random() < 0.15)

    def _start(self, chance: random.Random) -> None:
        chosen = chance.sample(self.invoices, chance.randint(1, len(self.invoices)))
        with self._visit(chance) as visit:
            shares = spending.shares_of(visit, self.business_id, self.customer_id, chosen)
            attempt = start_payment(visit, self._wanted(LINK, INVOICE, shares))
        self._begin(attempt, chance)

    def _top_up(self, chance: random.Random) -> None:
        amount = Money(chance.choice((100, 5_000)), "SAR")
        with self._visit(chance) as visit:
            attempt = start_payment(visit, Wanted(self.business_id, self.customer_id, LINK, amount, TOP_UP))
        self._begin(attempt, chance)

    def _begin(self, attempt: UUID, chance: random.Random) -> None:
        """Have the page of an attempt made; the worker may die before it is asked for, and after."""
        self.attempts.append(attempt)
        with self._visit(chance) as visit:
            payment = payment_of(visit, attempt)
            if not noting.begin_to_ask(visit, payment, is_live=False):
                return
        with self._visit(chance) as visit:
            ends = now() + timedelta(hours=24)
            page = Page(str(attempt), "http://gate/way", Status.PENDING, payment.amount, attempt, ends, (), now())
            noting.offer_page(visit, payment, page)

    def _notice(self, chance: random.Random) -> None:
        """Somebody asks: of what the gateway has, it may tell a part, in any order, more than once."""
        if not self.attempts:
            return
        attempt = chance.choice(self.attempts)
        came = self.gateway.of(attempt)
        told = chance.choices(came, k=chance.randint(1, len(came))) if came else []
        with self._visit(chance) as visit:
            paid = noting.note_money(visit, attempt, list({one.id: one for one in told}.values()))
        for payment_id in paid:
            with self._visit(chance) as visit:
                settle(visit, payment_id)

    def _wallet(self, chance: random.Random) -> None:
        chosen = chance.sample(self.invoices, chance.randint(1, 2))
        with self._visit(chance) as visit:
            shares = spending.shares_of(visit, self.business_id, self.customer_id, chosen)
            wanted = spending.wanted_from_wallet(self.business_id, self.customer_id, shares, "SAR")
            spending.pay_from_wallet(visit, wanted)

    def _cash(self, chance: random.Random) -> None:
        with self._visit(chance) as visit:
            shares = spending.shares_of(visit, self.business_id, self.customer_id, [chance.choice(self.invoices)])
            made = spending.record_payment(visit, self._wanted(CASH, INVOICE, shares), Recorded())
        with self._visit(chance) as visit:
            spending.confirm_payment(visit, made, Recorded(reason="counted"))

    def _refund(self, chance: random.Random) -> None:
        with self._visit(chance) as visit:
            rows = visit.ask(
                "SELECT id, received_minor FROM payment "
                "WHERE customer_id = %(id)s AND status = 'settled' AND method = %(by)s",
                {"id": self.customer_id, "by": LINK},
            )
            if rows:
                payment_id, received = chance.choice(list(rows))
                minor = chance.choice((None, None, max(1, received // 2)))
                refunding.refund(visit, payment_id, chance.choice((TO_GATEWAY, TO_WALLET)), minor, Reason("mistake"))

    def _cancel(self, chance: random.Random) -> None:
        with self._visit(chance) as visit:
            cancel(visit, chance.choice(self.invoices), "a mistake")

    def _end(self, chance: random.Random) -> None:
        if not self.attempts:
            return
        with self._visit(chance) as visit:
            payment = payment_of(visit, chance.choice(self.attempts))
            noting.end(visit, payment, chance.choice((EXPIRE, FAIL)), "so it goes", now())

    def _carry_refunds(self, chance: random.Random) -> None:
        """Take each refund one step on. One worker at a time: others come only when its lease is over."""
        with self.refunding, self._visit(chance) as visit:
            rows = visit.ask(
                "SELECT refund.id FROM payment_refund AS refund JOIN payment ON payment.id = payment_id "
                "WHERE customer_id = %(id)s AND refund.status IN ('asked', 'in_doubt')",
                {"id": self.customer_id},
            )
            found = [refunding.refund_of(visit, refund_id) for (refund_id,) in rows]
        for one in found:
            with self.refunding:
                self._carry(one, chance)

    def _carry(self, refund: Refund, chance: random.Random) -> None:
        payment_id = refund.gateway_payment_id or ""
        _, at_gateway = self.gateway.paid[payment_id]
        if refund.status == ASKED:
            with self._visit(chance) as visit:
                if not refunding.begin_refund(visit, refund, at_gateway.refunded.minor):
                    return
            if chance.random() < 0.2:
                raise Died
            if chance.random() < 0.9:
                self.gateway.refund(payment_id, refund.amount)
        with self._visit(chance) as visit:
            now_there = refunding.refund_of(visit, refund.id)
            _, at_gateway = self.gateway.paid[payment_id]
            if at_gateway.refunded.minor >= (now_there.before_minor or 0) + refund.amount.minor:
                refunding.refund_done(visit, refund)
            elif chance.random() < 0.3:
                refunding.refund_refused(visit, refund, "no")
            else:
                refunding.ask_for_refund_again(visit, refund, "not done")

    def _wanted(self, method: str, purpose: str, shares: Sequence[Share]) -> Wanted:
        amount = Money(sum(share.minor for share in shares), "SAR")
        return Wanted(self.business_id, self.customer_id, method, amount, purpose, tuple(shares))
