"""Carrying a payment on: what a gateway has to be asked, what its answer means, and who is told.

No connection to the database is held while a gateway is waited for: what is about to be done is committed first, what
came of it is written down afterwards. Each step may be done again at any time, by anybody, and does no harm.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.orm import Session

from bot.payments.telling import settle_and_tell, tell_how_to_pay, tell_staff, tell_word
from bot.services import Services
from domain.clock import now
from domain.door import Visit
from domain.gateways.errors import GatewayError, OutcomeUnknown, Refused
from domain.gateways.port import BillRequest, PageRequest, PaymentGateway
from domain.gateways.results import GatewayPayment, Page, Status
from domain.payments import noting
from domain.payments.asking import MOST_TRIES, SETTLING, ask_after_the_end, ask_again, is_last_word, next_ask
from domain.payments.describing import described, is_moot
from domain.payments.reading import Payment
from domain.payments.states import CREATED, EXPIRE, FAIL, IN_DOUBT, PAID, PENDING
from domain.payments.tables import AT_GATEWAY, SADAD
from locales.text import text

log = structlog.get_logger()

LINK_LASTS: Final = timedelta(hours=24)
# What a gateway could not do now it may do in a moment.
_SOON: Final = timedelta(seconds=5)
_WRONG_MODE_AGAIN: Final = timedelta(hours=6)
# After its end a page may still be paid by who had begun to.
_GRACE: Final = timedelta(minutes=5)
_BUSY: Final = "rate_limit_error"
_OVER: Final = {Status.EXPIRED: EXPIRE, Status.CANCELLED: EXPIRE, Status.FAILED: FAIL}


@dataclass(frozen=True, slots=True)
class Carrier:
    """Carries payments on, each by the state that it is in. Without a gateway nothing can be begun or asked."""

    services: Services
    gateway: PaymentGateway | None

    def carry(self, payment: Payment) -> None:
        """Take one step with a payment that is due."""
        if payment.status == PAID:
            self._settle(payment)
        elif payment.method not in AT_GATEWAY:
            self._note(payment, lambda session: ask_again(Visit.within(session), payment, None))
        elif self.gateway is None:
            self._without_gateway(payment)
        elif payment.is_live not in {None, self.gateway.is_live}:
            log.error("a payment was begun with a key of another mode", payment_id=str(payment.id))
            self._ask_at(payment, now() + _WRONG_MODE_AGAIN)
        else:
            self._ask(payment, self.gateway)

    def _ask(self, payment: Payment, gateway: PaymentGateway) -> None:
        steps: Mapping[str, Callable[[Payment, PaymentGateway], None]] = {
            CREATED: self._make,
            IN_DOUBT: self._look_for,
            PENDING: self._look_at,
        }
        try:
            steps.get(payment.status, self._look_after)(payment, gateway)
        except GatewayError as error:
            log.warning("the gateway can't be asked", payment_id=str(payment.id), error=str(error))
            self._ask_at(payment, next_ask(payment))

    def _make(self, payment: Payment, gateway: PaymentGateway) -> None:
        """Have the page or the bill made. Should we die meanwhile, it is looked for."""
        with self.services.door.for_business(payment.business_id) as session:
            visit = Visit.within(session)
            if not noting.begin_to_ask(visit, payment, is_live=gateway.is_live):
                return
            description = described(visit, payment)
        try:
            made = self._made(payment, gateway, description)
        except OutcomeUnknown as error:
            log.warning("whether a payment was begun is in doubt", payment_id=str(payment.id), error=str(error))
            return
        except GatewayError as error:
            self._not_made(payment, error)
            return
        self._offer(payment, made)

    def _made(self, payment: Payment, gateway: PaymentGateway, description: str) -> Page | GatewayPayment:
        if payment.method == SADAD:
            return gateway.create_bill(BillRequest(payment.id, payment.amount, description))
        back = f"{self.services.settings.public_base_url}/paid/{payment.id}"
        return gateway.create_page(
            PageRequest(
                attempt_id=payment.id,
                amount=payment.amount,
                description=description,
                expires_at=now() + LINK_LASTS,
                success_url=back,
                back_url=f"{back}/back",
            )
        )

    def _not_made(self, payment: Payment, error: GatewayError) -> None:
        log.warning("the gateway made no payment", payment_id=str(payment.id), error=str(error))
        final = isinstance(error, Refused) and error.code != _BUSY
        if final or payment.tries + 1 >= MOST_TRIES:
            self._end(payment, FAIL, str(error))
        else:
            at = now() + _SOON * 2**payment.tries
            self._note(payment, lambda session: noting.try_again(Visit.within(session), payment, at, str(error)))

    def _offer(self, payment: Payment, made: Page | GatewayPayment) -> None:
        with self.services.door.for_business(payment.business_id) as session:
            visit = Visit.within(session)
            offered = (
                noting.offer_page(visit, payment, made)
                if isinstance(made, Page)
                else noting.offer_bill(visit, payment, made)
            )
            if offered:
                tell_how_to_pay(self.services, visit, payment)

    def _look_for(self, payment: Payment, gateway: PaymentGateway) -> None:
        """Find what is in doubt, by our attempt."""
        if payment.method == SADAD:
            bill = gateway.payment(str(payment.id))
            found: Sequence[Page | GatewayPayment] = [bill] if bill else []
            came = [bill] if bill and noting.is_money(bill) else []
        else:
            pages = gateway.pages_of(payment.id)
            found, came = pages, [money for page in pages for money in page.money]
        if len(found) > 1:
            self._tell_staff(payment, "payment_pages", {"code": "several_pages", "pages": len(found)})
        if came:
            self._came(payment, came)
        elif found:
            self._offer(payment, found[0])
        else:
            self._not_found(payment)

    def _not_found(self, payment: Payment) -> None:
        settled_at = (payment.tried_at or now()) + SETTLING
        if now() < settled_at:
            self._ask_at(payment, settled_at)
        elif payment.tries >= MOST_TRIES:
            self._end(payment, FAIL, "the gateway's answer never came")
        else:
            self._note(payment, lambda session: noting.try_again(Visit.within(session), payment, now(), "not found"))

    def _look_at(self, payment: Payment, gateway: PaymentGateway) -> None:
        """Ask whether what we wait for has been paid."""
        if payment.method == SADAD:
            bill = gateway.payment(str(payment.id))
            self._answered(payment, bill.status if bill else None, [bill] if bill and noting.is_money(bill) else [])
            return
        page = gateway.page(payment.page_id or "")
        if page is not None and not self._agrees(payment, page):
            return
        came = page.money if page else ()
        if page is not None and not came and page.status == Status.PENDING and self._is_moot(payment):
            page = gateway.cancel_page(page.id)
        self._answered(payment, page.status if page else None, came)

    def _answered(self, payment: Payment, status: Status | None, came: Sequence[GatewayPayment]) -> None:
        if came:
            self._came(payment, came)
        elif status in _OVER:
            self._end(payment, _OVER[status], status.value)
        elif payment.expires_at is not None and now() > payment.expires_at + _GRACE:
            self._end(payment, EXPIRE, "its time is over")
        else:
            self._not_yet(payment)

    def _look_after(self, payment: Payment, gateway: PaymentGateway) -> None:
        """Look whether money came though we no longer waited for it, or went though we did not send it."""
        came: Sequence[GatewayPayment]
        if payment.method == SADAD or payment.twin_of is not None:
            found = gateway.payment(payment.gateway_payment_id or str(payment.id))
            came = [found] if found and noting.is_money(found) else []
        else:
            pages = [gateway.page(payment.page_id)] if payment.page_id else gateway.pages_of(payment.id)
            came = [money for page in pages if page and self._agrees(payment, page) for money in page.money]
        self._came(payment, came)
        self._went(payment, came)
        self._ask_at(payment, ask_after_the_end(payment))

    def _agrees(self, payment: Payment, page: Page) -> bool:
        """Tell whether a page is ours, for what we asked. What isn't settles nothing, and staff are told."""
        if page.attempt_id == payment.id and page.amount == payment.amount:
            return True
        self._tell_staff(payment, "payment_disagrees", {"code": "page", "page_id": page.id})
        self._ask_at(payment, next_ask(payment))
        return False

    def _is_moot(self, payment: Payment) -> bool:
        with self.services.door.for_business(payment.business_id) as session:
            return is_moot(Visit.within(session), payment)

    def _came(self, payment: Payment, came: Sequence[GatewayPayment]) -> None:
        """Note the money first, and commit that; then book it, each payment by itself."""
        with self.services.door.for_business(payment.business_id) as session:
            paid = noting.note_money(Visit.within(session), payment.id, came)
        for payment_id in paid:
            with self.services.door.for_business(payment.business_id) as session:
                settle_and_tell(self.services, session, payment_id)

    def _went(self, payment: Payment, came: Sequence[GatewayPayment]) -> None:
        gone = sum(one.refunded.minor for one in came if one.id == payment.gateway_payment_id)
        if gone > payment.refunded.minor:
            facts = {"code": "refunded_elsewhere", "refunded": gone, "currency": payment.amount.currency}
            self._tell_staff(payment, "payment_refunded_elsewhere", facts)

    def _settle(self, payment: Payment) -> None:
        with self.services.door.for_business(payment.business_id) as session:
            settle_and_tell(self.services, session, payment.id)

    def _not_yet(self, payment: Payment) -> None:
        with self.services.door.for_business(payment.business_id) as session:
            visit = Visit.within(session)
            ask_again(visit, payment, next_ask(payment))
            if payment.wants_word and is_last_word(visit, payment):
                tell_word(self.services, visit, payment, text("pay.not_yet", amount=payment.amount))

    def _end(self, payment: Payment, action: str, why: str) -> None:
        with self.services.door.for_business(payment.business_id) as session:
            visit = Visit.within(session)
            if not noting.end(visit, payment, action, why, now() + timedelta(minutes=30)):
                return
            if payment.status != PENDING:
                tell_word(self.services, visit, payment, text("pay.no_link"))
            elif payment.wants_word:
                tell_word(self.services, visit, payment, text("pay.over"))

    def _without_gateway(self, payment: Payment) -> None:
        if payment.status == CREATED:
            self._end(payment, FAIL, "there is no gateway")
        else:
            self._ask_at(payment, now() + _WRONG_MODE_AGAIN)

    def _ask_at(self, payment: Payment, at: datetime | None) -> None:
        self._note(payment, lambda session: ask_again(Visit.within(session), payment, at))

    def _tell_staff(self, payment: Payment, kind: str, facts: dict[str, object]) -> None:
        self._note(payment, lambda session: tell_staff(session, payment, kind, facts))

    def _note(self, payment: Payment, write: Callable[[Session], object]) -> None:
        with self.services.door.for_business(payment.business_id) as session:
            write(session)
