"""Tickets: what customers reported, and how far each is."""

from typing import Any, Final
from uuid import UUID

from bot.api.customers import show_customer
from bot.api.tickets import list_tickets, move_a_ticket, show_ticket
from bot.console.readers import Reader, arguments
from bot.console.sections import PEOPLE, Section
from domain.tickets import TICKET_KINDS, TICKET_STATUSES

tickets = Section()

_NUMBER_BEGINS: Final = ("T-", "t-")


@tickets.page("/tickets", title="console.tickets", template="tickets.html", menu=PEOPLE)
def ticket_list(reader: Reader) -> dict[str, Any]:
    """List tickets, the newest first."""
    asked = arguments(list_tickets)
    if asked.get("number", "").startswith(_NUMBER_BEGINS):
        asked["number"] = asked["number"][2:]
    return {"found": reader.listing(list_tickets, asked), "statuses": TICKET_STATUSES, "kinds": TICKET_KINDS}


@tickets.page("/tickets/<uuid:ticket_id>", title="console.ticket", template="ticket.html")
def ticket_page(reader: Reader, ticket_id: UUID) -> dict[str, Any]:
    """Show a ticket, everything that happened to it, and let who may move it on."""
    shown = reader.ask(show_ticket, ticket_id=ticket_id)
    customer = reader.ask(show_customer, customer_id=shown.customer_id) if shown.customer_id else None
    return {"shown": shown, "customer": customer, "may_move": reader.may(move_a_ticket)}


tickets.form("/tickets/<uuid:ticket_id>", does=move_a_ticket, on=ticket_page, done="ticket_moved")
