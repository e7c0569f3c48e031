"""The queues, and the one job that each wakes. The work itself is rows in the database."""

from typing import Final

from domain.kinds import CAMPAIGNS, KINDS, NOTICES, REPLIES
from domain.payments import PAYMENTS
from domain.senders import EMAIL

REPLY_QUEUE: Final = "replies"
NOTICE_QUEUE: Final = "notices"
CAMPAIGN_QUEUE: Final = "campaigns"
MAIL_QUEUE: Final = "mails"
EVENTS: Final = "events"
PLANNED: Final = "planned"
PAYMENT_QUEUE: Final = PAYMENTS
VENDING: Final = "vending"

# Every queue has exactly this job: it does all that is due, whatever the number of times it was woken.
JOBS: Final[dict[str, str]] = {
    REPLY_QUEUE: "bot.jobs.outbox.send_replies",
    NOTICE_QUEUE: "bot.jobs.outbox.send_notices",
    CAMPAIGN_QUEUE: "bot.jobs.outbox.send_campaigns",
    MAIL_QUEUE: "bot.jobs.outbox.send_mails",
    EVENTS: "bot.jobs.events.fold_events",
    PLANNED: "bot.jobs.planned.run_planned",
    PAYMENT_QUEUE: "bot.jobs.payments.carry_payments",
    VENDING: "bot.jobs.vending.vend",
}

# How many seconds a job may take before it is stopped; -1: for ever. What is planned may be a night's work, and says
# itself how long it may take; a vendor may take a minute for each of its answers.
JOB_SECONDS: Final[dict[str, int]] = {
    REPLY_QUEUE: 60,
    NOTICE_QUEUE: 60,
    CAMPAIGN_QUEUE: 60,
    MAIL_QUEUE: 120,
    EVENTS: 60,
    PLANNED: -1,
    PAYMENT_QUEUE: 60,
    VENDING: -1,
}

# Which workers send what: a backlog of the one never delays the other. Mails, of whatever priority, have workers of
# their own: a mail server may be slow, and nobody who chats shall wait for it.
QUEUE_OF: Final = {REPLIES: REPLY_QUEUE, NOTICES: NOTICE_QUEUE, CAMPAIGNS: CAMPAIGN_QUEUE}


def queue_of(kind: str, channel: str | None = None) -> str:
    """Return the queue whose workers send messages of `kind` over `channel`."""
    return MAIL_QUEUE if channel == EMAIL else QUEUE_OF[KINDS[kind].priority]
