"""Contacts: where people are reached."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import select

from bot.api.calls import Call
from bot.api.pages import Order, page
from bot.api.routes import Resource
from bot.api.shapes import Page, PageQuery, Shape
from bot.problems import Problem
from domain.contacts import Contact
from domain.customers import ContactCustomer
from domain.staff import VIEWER

contacts = Resource("contacts", "Contacts: a channel and an address at which somebody is reached.")

Channel = Literal["whatsapp", "sms", "email"]
_ORDER = Order((Contact.id,), ("id",))


class ContactShown(Shape):
    """A contact."""

    id: UUID
    channel: Channel
    address: str
    language: str | None
    created_at: datetime


class ContactInFull(ContactShown):
    """A contact, and the customers that it speaks for."""

    customer_ids: list[UUID]


class ContactQuery(PageQuery):
    """Which contacts: all that is given must hold."""

    channel: Channel | None = None
    address: str | None = Field(None, max_length=320, description="As it is kept: a number as +966500000001.")
    customer_id: UUID | None = None


@contacts.get("/contacts", role=VIEWER, query=ContactQuery, answer=Page[ContactShown])
def list_contacts(call: Call, query: ContactQuery) -> Page[ContactShown]:
    """List contacts, the newest first."""
    statement = select(Contact).where(Contact.business_id == call.business_id)
    if query.channel is not None:
        statement = statement.where(Contact.channel == query.channel)
    if query.address is not None:
        statement = statement.where(Contact.channel.in_(_CHANNELS), Contact.address == query.address)
    if query.customer_id is not None:
        spoken_for = select(ContactCustomer.contact_id).where(ContactCustomer.customer_id == query.customer_id)
        statement = statement.where(Contact.id.in_(spoken_for))
    return page(call, statement, _ORDER, query, lambda row: ContactShown.model_validate(row[0]))


@contacts.get("/contacts/<uuid:contact_id>", role=VIEWER, answer=ContactInFull)
def show_contact(call: Call, contact_id: UUID) -> ContactInFull:
    """Show a contact, and the customers that it speaks for."""
    statement = select(Contact).where(Contact.business_id == call.business_id, Contact.id == contact_id)
    contact = call.session.scalars(statement).one_or_none()
    if contact is None:
        raise Problem(404, "not_found", "there is no contact with this id")
    linked = select(ContactCustomer.customer_id).where(ContactCustomer.contact_id == contact_id)
    return ContactInFull(
        customer_ids=list(call.session.scalars(linked.order_by(ContactCustomer.id))),
        **ContactShown.model_validate(contact).model_dump(),
    )


# Named, so that the index on channel and address is looked into once for each.
_CHANNELS = ("whatsapp", "sms", "email")
