"""Every resource of the API."""

from typing import Final

from bot.api.api_keys import api_keys
from bot.api.audit import audit
from bot.api.auth import auth
from bot.api.billing_runs import billing_runs
from bot.api.business import business
from bot.api.campaigns import campaigns
from bot.api.contacts import contacts
from bot.api.customers import customers
from bot.api.document import document
from bot.api.dunning import dunning
from bot.api.events import events
from bot.api.handovers import conversations
from bot.api.invoices import invoices
from bot.api.journal import journal, wallets
from bot.api.me import me
from bot.api.meters import meters
from bot.api.notifications import notifications
from bot.api.payments import payments
from bot.api.plans import plans
from bot.api.purchases import purchases
from bot.api.readings import readings
from bot.api.reports import reports
from bot.api.senders import senders
from bot.api.sending import messages
from bot.api.staff import staff
from bot.api.subscriptions import subscriptions
from bot.api.subsidies import subsidies
from bot.api.tariffs import tariffs
from bot.api.templates import templates
from bot.api.tickets import tickets
from bot.api.timeline import timeline
from bot.api.tokens import tokens

RESOURCES: Final = (
    auth,
    me,
    business,
    customers,
    timeline,
    contacts,
    conversations,
    messages,
    campaigns,
    tickets,
    invoices,
    dunning,
    subsidies,
    subscriptions,
    plans,
    reports,
    payments,
    wallets,
    journal,
    meters,
    purchases,
    tokens,
    tariffs,
    readings,
    billing_runs,
    senders,
    templates,
    notifications,
    events,
    staff,
    api_keys,
    audit,
    document,
)
