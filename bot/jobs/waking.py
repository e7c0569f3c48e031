"""Wakes workers for what is due although nobody rang, or nobody heard it."""

from bot.jobs.failing import fails_in_one_line
from bot.jobs.payments import payments_due
from bot.jobs.queues import EVENTS, MAIL_QUEUE, PAYMENT_QUEUE, QUEUE_OF, VENDING
from bot.jobs.worker_services import WorkerServices, worker_services
from domain.deliveries import any_unfolded
from domain.door import Visit
from domain.kinds import PRIORITIES
from domain.outbox import any_due
from domain.purchases.vending import anything_due


@fails_in_one_line
def wake_workers() -> None:
    """Ring for every queue that has something to do."""
    ring_for_due(worker_services())


def ring_for_due(services: WorkerServices) -> list[str]:
    """Ring for every queue that has something to do, and return them."""
    with services.door.for_every_business() as session:
        queues = [queue for priority, queue in QUEUE_OF.items() if any_due(session, priority)]
        queues += [MAIL_QUEUE] * any(any_due(session, priority, mails=True) for priority in PRIORITIES)
        queues += [EVENTS] * any_unfolded(session)
        queues += [VENDING] * anything_due(Visit.within(session))
    queues += [PAYMENT_QUEUE] * payments_due(services)
    for queue in queues:
        services.bell.ring(queue)
    return queues
