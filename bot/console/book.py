"""Every section of the console, in the order of the menu."""

from functools import cache
from typing import Final

from bot.console.api_keys import api_keys
from bot.console.approved import templates
from bot.console.audit import audit
from bot.console.billing import billing
from bot.console.campaigns import campaigns
from bot.console.company import company
from bot.console.conversations import conversations
from bot.console.customers import customers
from bot.console.debts import debts
from bot.console.home import home
from bot.console.invoices import invoices
from bot.console.jobs import jobs
from bot.console.listeners import listeners
from bot.console.messages import messages
from bot.console.meters import meters
from bot.console.myself import myself
from bot.console.notifications import notifications
from bot.console.payments import payments
from bot.console.purchases import purchases
from bot.console.readings import readings
from bot.console.sections import Form, Page
from bot.console.senders import senders
from bot.console.signing_in import signing_in
from bot.console.staff import staff
from bot.console.subscriptions import subscriptions
from bot.console.subsidies import subsidies
from bot.console.taking import taking
from bot.console.tariffs import tariffs
from bot.console.tickets import tickets

SECTIONS: Final = (
    home,
    notifications,
    conversations,
    tickets,
    customers,
    messages,
    campaigns,
    invoices,
    payments,
    taking,
    purchases,
    subscriptions,
    billing,
    readings,
    tariffs,
    debts,
    subsidies,
    meters,
    senders,
    templates,
    jobs,
    listeners,
    company,
    staff,
    api_keys,
    audit,
    myself,
    signing_in,
)


@cache
def pages() -> tuple[Page, ...]:
    """Return every page."""
    return tuple(page for section in SECTIONS for page in section.pages)


@cache
def forms() -> tuple[Form, ...]:
    """Return every form."""
    return tuple(form for section in SECTIONS for form in section.forms)


@cache
def page_named(name: str) -> Page:
    """Return the page that is called so."""
    return next(page for page in pages() if page.name == name)
