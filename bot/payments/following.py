"""Following a gateway's notices to the payments that they are about."""

from dataclasses import dataclass
from uuid import UUID

import structlog

from bot.services import Services
from domain.door import Visit
from domain.gateways.errors import GatewayError
from domain.gateways.port import PaymentGateway
from domain.payments.asking import ask_about
from domain.payments.notices import Notice, follow_notice, notice_done

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Follower:
    """Finds the payment of a notice: by what we know, else by what the gateway says of the page."""

    services: Services
    gateway: PaymentGateway | None

    def follow(self, notice: Notice) -> None:
        """Let the payment be asked about. A notice that leads to none of ours is let go."""
        with self.services.door.for_every_business() as session:
            visit = Visit.within(session)
            if follow_notice(visit, notice):
                notice_done(visit, notice)
                return
        try:
            attempt_id = self._attempt_of(notice)
        except GatewayError as error:
            log.warning("the gateway can't be asked about a notice", error=str(error))
            return  # it is due again when nobody has it any more
        with self.services.door.for_every_business() as session:
            visit = Visit.within(session)
            if attempt_id is None or not ask_about(visit, attempt_id):
                log.info("a notice is about no payment of ours", payment=notice.payment_id)
            notice_done(visit, notice)

    def _attempt_of(self, notice: Notice) -> UUID | None:
        if self.gateway is None:
            return None
        if notice.page_id is not None:
            page = self.gateway.page(notice.page_id)
            return page.attempt_id if page else None
        found = self.gateway.payment(notice.payment_id)
        return found.attempt_id if found else None
