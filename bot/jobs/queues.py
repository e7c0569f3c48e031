"""The queues, and the one job that each wakes. The work itself is rows in the database."""

from typing import Final

OUTBOX: Final = "outbox"
EVENTS: Final = "events"

# Every queue has exactly this job: it does all that is due, whatever the number of times it was woken.
JOBS: Final[dict[str, str]] = {
    OUTBOX: "bot.jobs.outbox.send_due",
    EVENTS: "bot.jobs.events.fold_events",
}
