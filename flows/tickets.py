"""What somebody reported, and how far it is."""

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

from domain.reported import Reported, reported_as, reported_by
from domain.tickets import (
    IN_PROGRESS,
    OPEN,
    RESOLVED,
    THE_CUSTOMER,
    UNSETTLED,
    WAITING,
    IllegalStep,
    add_remark,
    move,
)
from flows.flow import Entry, Flow, Go, Reply
from flows.heard import Heard
from flows.known import pictures, written
from flows.normalise import normalise
from flows.reply import reply
from locales.text import Code, Name, Text, text

_NUMBER: Final = re.compile(r"\d{1,9}")


class Tickets(Flow):
    """Lists the tickets, shows one, and takes what the customer has to say of it."""

    name = "tickets"
    states = ("choosing", "shown", "remarking", "remarked")
    script = (
        ("choosing", "ticket", "shown"),
        ("choosing", "numbered", "shown"),
        ("shown", "remark", "remarking"),
        ("shown", "not_fixed", "remarking"),
        ("remarking", "remarked", "remarked"),
    )
    heard_choices = frozenset({"ticket", "numbered", "remarked"})

    def ask_choosing(self) -> Reply:
        """List them, the newest first."""
        tickets = reported_by(self.turn.visit, self.turn.opening.contact_id)
        if not tickets:
            ways = (Entry("report", text("menu.report")), Entry("menu", text("menu.back")))
            return reply(text("tickets.none"), entries=ways)
        return reply(text("tickets.choose"), entries=(*map(_entry, tickets), Entry("menu", text("menu.back"))))

    def hear_choosing(self, heard: Heard) -> str | None:
        """Find a ticket by its number."""
        found = _NUMBER.search(normalise(heard.text))
        self.memo["number"] = int(found[0]) if found else None
        return "numbered" if found and self._ticket else None

    def on_ticket(self) -> None:
        """Choose one."""
        self.memo["number"] = int(self.arg or 0)

    def ask_shown(self) -> Reply | Go:
        """Tell what is known of it, and offer what can still be done."""
        ticket = self._ticket
        if ticket is None:
            return Go("menu")
        ways = (Entry("tickets", text("menu.tickets")), Entry("menu", text("menu.back")))
        return reply(tuple(self._lines(ticket)), entries=(*_offers(ticket), *ways))

    def on_not_fixed(self) -> None:
        """It was said to be resolved, and it isn't."""
        self.memo["reopens"] = True

    def ask_remarking(self) -> Reply:
        """Ask what there is to say."""
        ticket = Code(f"T-{self.memo['number']}")
        return reply(text("tickets.not_fixed_how" if self.memo.get("reopens") else "tickets.remark", ticket=ticket))

    def hear_remarking(self, heard: Heard) -> str | None:
        """Take words, photos and a location."""
        self.memo["text"], self.memo["pictures"] = written(heard), pictures(heard)
        if heard.location is not None:
            where = heard.location
            self.memo["text"] = f"{where.latitude:.6f}, {where.longitude:.6f} {where.label}".rstrip()
        return "remarked" if self.memo["text"] or self.memo["pictures"] else None

    def on_remarked(self) -> None:
        """Add it to the ticket, which goes back to those who work on it."""
        ticket = self._ticket
        if ticket is None:
            return
        visit, ticket_id = self.turn.visit, ticket.ticket_id
        add_remark(visit, ticket_id, THE_CUSTOMER, self.memo["text"], self.memo["pictures"])
        try:
            if ticket.status == WAITING:
                move(visit, ticket_id, IN_PROGRESS, THE_CUSTOMER)
            elif self.memo.get("reopens"):
                move(visit, ticket_id, OPEN, THE_CUSTOMER)
        except IllegalStep:
            self.memo["reopens"] = False  # staff were quicker: it is where they put it

    def ask_remarked(self) -> Reply:
        """Say that it was added."""
        ticket = Code(f"T-{self.memo['number']}")
        said = text("tickets.reopened" if self.memo.get("reopens") else "tickets.remarked", ticket=ticket)
        return reply(said, entries=(Entry("tickets", text("menu.tickets")), Entry("menu", text("menu.back"))))

    @cached_property
    def _ticket(self) -> Reported | None:
        return reported_as(self.turn.visit, self.turn.opening.contact_id, self.memo["number"])

    def _lines(self, ticket: Reported) -> Iterator[Text]:
        zone = ZoneInfo(self.turn.desk.timezone)
        yield text("tickets.title", ticket=Code(f"T-{ticket.number}"), fault=text(f"fault.{ticket.kind}"))
        yield text("tickets.status", status=text(f"ticket_status.{ticket.status}"))
        yield text("tickets.since", day=ticket.created_at.astimezone(zone).date())
        if ticket.meter_no is not None:
            yield text("balance.meter", meter=Code(ticket.meter_no))
        if ticket.place is not None:
            yield text("report.place", place=Name(ticket.place))
        if ticket.note is not None:
            yield text("report.note", note=Name(ticket.note))


def _entry(ticket: Reported) -> Entry:
    fault, status = text(f"fault.{ticket.kind}"), text(f"ticket_status.{ticket.status}")
    label = text("tickets.one", ticket=Code(f"T-{ticket.number}"))
    return Entry("ticket", label, str(ticket.number), text("tickets.one_detail", fault=fault, status=status))


def _offers(ticket: Reported) -> Iterator[Entry]:
    if ticket.status in UNSETTLED:
        yield Entry("remark", text("tickets.add"))
    elif ticket.status == RESOLVED:
        yield Entry("not_fixed", text("tickets.not_fixed"))
