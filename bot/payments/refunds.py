"""Having a gateway give money back: once, though it knows no way to ask twice for the same."""

from dataclasses import dataclass

import structlog

from bot.payments.telling import tell_refunded, tell_staff
from bot.services import Services
from domain.clock import now
from domain.door import Visit
from domain.gateways.errors import GatewayError, OutcomeUnknown, Refused
from domain.gateways.port import PaymentGateway
from domain.gateways.results import GatewayPayment
from domain.payments.asking import SETTLING
from domain.payments.reading import payment_of
from domain.payments.refunding import (
    Refund,
    ask_for_refund_again,
    begin_refund,
    refund_done,
    refund_refused,
)
from domain.payments.tables import ASKED

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Refunder:
    """Carries refunds on. The payment's running total tells whether ours was done."""

    services: Services
    gateway: PaymentGateway

    def carry(self, refund: Refund) -> None:
        """Take one step with a refund that is due."""
        try:
            found = self.gateway.payment(refund.gateway_payment_id or "")
        except GatewayError as error:
            log.warning("the gateway can't be asked", refund_id=str(refund.id), error=str(error))
            return  # it is due again when nobody has it any more
        if found is None or refund.is_live not in {None, self.gateway.is_live}:
            log.error("the payment to be refunded is not at this gateway", refund_id=str(refund.id))
        elif refund.status == ASKED:
            self._ask(refund, found)
        else:
            self._look(refund, found)

    def _ask(self, refund: Refund, found: GatewayPayment) -> None:
        with self.services.door.for_business(refund.business_id) as session:
            if not begin_refund(Visit.within(session), refund, found.refunded.minor):
                return
        try:
            self.gateway.refund(found.id, refund.amount)
        except OutcomeUnknown as error:
            log.warning("whether it was refunded is in doubt", refund_id=str(refund.id), error=str(error))
        except Refused as error:
            self._refused(refund, error)
        except GatewayError as error:
            self._again(refund, str(error))
        else:
            self._done(refund)

    def _look(self, refund: Refund, found: GatewayPayment) -> None:
        before = refund.before_minor or 0
        if found.refunded.minor >= before + refund.amount.minor:
            self._done(refund)
        elif refund.tried_at is None or now() >= refund.tried_at + SETTLING:
            self._again(refund, "not done")

    def _done(self, refund: Refund) -> None:
        with self.services.door.for_business(refund.business_id) as session:
            visit = Visit.within(session)
            if refund_done(visit, refund):
                tell_refunded(self.services, visit, refund)

    def _again(self, refund: Refund, why: str) -> None:
        with self.services.door.for_business(refund.business_id) as session:
            ask_for_refund_again(Visit.within(session), refund, why)

    def _refused(self, refund: Refund, error: Refused) -> None:
        if error.code == "rate_limit_error":
            self._again(refund, str(error))
            return
        with self.services.door.for_business(refund.business_id) as session:
            visit = Visit.within(session)
            if refund_refused(visit, refund, str(error)):
                payment = payment_of(visit, refund.payment_id)
                tell_staff(session, payment, "refund_refused", {"code": error.code, "refund_id": str(refund.id)})
