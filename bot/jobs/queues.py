"""The queues, and the one job that each wakes. The work itself is rows in the database."""

from typing import Final

OUTBOX: Final = "outbox"
EVENTS: Final = "events"
PLANNED: Final = "planned"

# Every queue has exactly this job: it does all that is due, whatever the number of times it was woken.
JOBS: Final[dict[str, str]] = {
    OUTBOX: "bot.jobs.outbox.send_due",
    EVENTS: "bot.jobs.events.fold_events",
    PLANNED: "bot.jobs.planned.run_planned",
}

# How many seconds a job may take before it is stopped; -1: for ever. What is planned may be a night's work, and says
# itself how long it may take.
JOB_SECONDS: Final[dict[str, int]] = {OUTBOX: 60, EVENTS: 60, PLANNED: -1}
