"""The queues, and the one job that each wakes. The work itself is rows in the database."""

from typing import Final

from domain.kinds import CAMPAIGNS, KINDS, NOTICES, REPLIES

REPLY_QUEUE: Final = "replies"
NOTICE_QUEUE: Final = "notices"
CAMPAIGN_QUEUE: Final = "campaigns"
EVENTS: Final = "events"
PLANNED: Final = "planned"
VENDING: Final = "vending"

# Every queue has exactly this job: it does all that is due, whatever the number of times it was woken.
JOBS: Final[dict[str, str]] = {
    REPLY_QUEUE: "bot.jobs.outbox.send_replies",
    NOTICE_QUEUE: "bot.jobs.outbox.send_notices",
    CAMPAIGN_QUEUE: "bot.jobs.outbox.send_campaigns",
    EVENTS: "bot.jobs.events.fold_events",
    PLANNED: "bot.jobs.planned.run_planned",
    VENDING: "bot.jobs.vending.vend",
}

# How many seconds a job may take before it is stopped; -1: for ever. What is planned may be a night's work, and says
# itself how long it may take; a vendor may take a minute for each of its answers.
JOB_SECONDS: Final[dict[str, int]] = {
    REPLY_QUEUE: 60,
    NOTICE_QUEUE: 60,
    CAMPAIGN_QUEUE: 60,
    EVENTS: 60,
    PLANNED: -1,
    VENDING: -1,
}

# Which workers send what: a backlog of the one never delays the other.
QUEUE_OF: Final = {REPLIES: REPLY_QUEUE, NOTICES: NOTICE_QUEUE, CAMPAIGNS: CAMPAIGN_QUEUE}


def queue_of(kind: str) -> str:
    """Return the queue whose workers send messages of `kind`."""
    return QUEUE_OF[KINDS[kind].priority]
