"""The plan: every job that has slots, in one place.

A job is run once for each slot, whichever host it is on, and must be safe to run twice or late: one whose process
died is run again, by another that may not know how far it came. No job comes more often than once a minute.

Polls, which look every few seconds whether there is something to do, have no slots; they are in bot/jobs/schedule.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.jobs.billing import ask_for_bills
from bot.jobs.codes import forget_old_codes
from bot.jobs.debts import tend_debts
from bot.jobs.health import watch_senders
from bot.jobs.low_credit import remind_of_low_credit
from bot.jobs.network import ask_meters
from bot.jobs.payments import forget_old_notices
from bot.jobs.pulling import pull_readings
from bot.jobs.reconnecting import tend_reconnections
from bot.jobs.reminders import remind_of_invoices
from bot.jobs.seal import forget_answers
from bot.jobs.subscriptions import sweep_subscriptions
from bot.jobs.subsidies import charge_subsidies
from bot.jobs.trim import trim
from bot.jobs.watching import watch_balances, watch_numbers, watch_templates
from bot.jobs.worker_services import WorkerServices
from domain.slots import Cron, Slots


@dataclass(frozen=True, slots=True)
class Planned:
    """A job that has slots, and what it does in one: it is given the slot's instant.

    `every_slot`: after an outage all slots that were missed are run, oldest first; else only the latest of them.
    `at_most` is how long it may take before it is taken for hung, and run anew elsewhere.
    """

    name: str
    slots: Slots
    run: Callable[[WorkerServices, datetime], None]
    every_slot: bool = False
    at_most: timedelta = timedelta(hours=1)


# Deleting is for the night, when customers sleep.
_BUSINESS_ZONE: Final = "Asia/Riyadh"

PLAN: Final = (
    Planned("trim", Cron("0 3 * * *", _BUSINESS_ZONE), trim, at_most=timedelta(hours=4)),
    Planned("watch_balances", Cron("*/15 * * * *", "UTC"), watch_balances, at_most=timedelta(minutes=10)),
    Planned("watch_templates", Cron("5 * * * *", "UTC"), watch_templates, at_most=timedelta(minutes=30)),
    Planned("watch_numbers", Cron("*/10 * * * *", "UTC"), watch_numbers, at_most=timedelta(minutes=9)),
    Planned("watch_senders", Cron("* * * * *", "UTC"), watch_senders, at_most=timedelta(minutes=5)),
    Planned("forget_answers", Cron("20 * * * *", "UTC"), forget_answers),
    # By local date, wherever a business is: somewhere an hour may begin a day.
    Planned("sweep_subscriptions", Cron("1 * * * *", "UTC"), sweep_subscriptions),
    # By local date too: at night, on the day that a business has set.
    Planned("ask_for_bills", Cron("12 * * * *", "UTC"), ask_for_bills),
    Planned("forget_old_notices", Cron("40 3 * * *", _BUSINESS_ZONE), forget_old_notices),
    Planned("remind_low_credit", Cron("15 * * * *", "UTC"), remind_of_low_credit),
    # By local date and hour, wherever a business is, every quarter of an hour; what was done is no longer due.
    Planned("remind_of_invoices", Cron("*/15 * * * *", "UTC"), remind_of_invoices, at_most=timedelta(minutes=30)),
    Planned("tend_debts", Cron("10,40 * * * *", "UTC"), tend_debts),
    # Who has paid sits in the dark.
    Planned("tend_reconnections", Cron("*/5 * * * *", "UTC"), tend_reconnections, at_most=timedelta(minutes=10)),
    Planned("charge_subsidies", Cron("25 * * * *", "UTC"), charge_subsidies),
    # Four times a day: what was read today is not asked again, and wherever a business is, its day begins in between.
    Planned("pull_readings", Cron("35 */6 * * *", "UTC"), pull_readings, at_most=timedelta(hours=4)),
    Planned("ask_meters", Cron("50 * * * *", "UTC"), ask_meters),
    Planned("forget_old_codes", Cron("30 3 * * *", _BUSINESS_ZONE), forget_old_codes),
)
