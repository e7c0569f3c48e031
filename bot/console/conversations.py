"""Conversations: who wrote, who waits for a person, and what was said."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from bot.api.contacts import list_contacts
from bot.api.conversations import list_conversations, show_conversation
from bot.api.customers import phone_of, show_customer
from bot.api.messages import read_messages
from bot.api.pages import Order, as_page, beyond, read_cursor
from bot.api.shapes import Shape
from bot.console.readers import Listing, Reader, argument, which_page
from bot.console.sections import PEOPLE, Section
from bot.problems import Problem
from domain.customers import ContactCustomer, Customer
from domain.messages import Message

conversations = Section()

_SHOWN: Final = 50
_IN_ORDER: Final = Order((Message.seq,), ("seq",))


@conversations.page("/conversations", title="console.conversations", template="conversations.html", menu=PEOPLE)
def conversation_list(reader: Reader) -> dict[str, Any]:
    """List those who wrote last, those who wait for a person, or those with one telephone number."""
    phone, waiting = argument("phone"), argument("show") == "waiting"
    found = _with_phone(reader, phone) if phone else reader.listing(list_conversations, _which(waiting=waiting))
    return {"found": found, "names": names(reader, [one.contact_id for one in found.items]), "waiting": waiting}


def _which(*, waiting: bool) -> dict[str, Any]:
    return {"person_wanted": True} if waiting else {"order": "heard"}


def _with_phone(reader: Reader, phone: str) -> Listing[Any]:
    try:
        address = phone_of(phone, reader.business.country)
    except Problem as problem:
        return reader.refused(problem)
    contacts = reader.listing(list_contacts, {"address": address}).items
    found = [
        one for contact in contacts for one in reader.listing(list_conversations, {"contact_id": contact.id}).items
    ]
    return Listing(found)


def names(reader: Reader, contact_ids: list[UUID]) -> dict[UUID, tuple[str | None, str, UUID]]:
    """Return for each contact who it speaks for: the name in both languages, and the customer's id."""
    statement = (
        select(ContactCustomer.contact_id, Customer.name_ar, Customer.name, Customer.id)
        .join(Customer, Customer.id == ContactCustomer.customer_id)
        .where(ContactCustomer.business_id == reader.call.business_id, ContactCustomer.contact_id.in_(contact_ids))
        .order_by(Customer.account_no.desc())
    )
    return {row[0]: (row[1], row[2], row[3]) for row in reader.session.execute(statement)}


@conversations.page("/conversations/<uuid:conversation_id>", title="console.conversation", template="conversation.html")
def conversation_page(reader: Reader, conversation_id: UUID) -> dict[str, Any]:
    """Show what was said in one, the newest at the end."""
    shown = reader.ask(show_conversation, conversation_id=conversation_id)
    known = names(reader, [shown.contact_id]).get(shown.contact_id)
    customer = reader.ask(show_customer, customer_id=shown.customer_id) if shown.customer_id else None
    return {"shown": shown, "said": _said(reader, conversation_id), "known": known, "customer": customer}


class _At(Shape):
    """A message by its place in the conversation."""

    id: UUID
    seq: int


def _said(reader: Reader, conversation_id: UUID) -> Listing[Any]:
    """Return a page of messages, the newest first."""
    query = which_page(_SHOWN)
    after = read_cursor(reader.call, query.cursor, _IN_ORDER)
    statement = select(Message.id, Message.seq).where(
        Message.business_id == reader.call.business_id, Message.conversation_id == conversation_id
    )
    if after is not None:
        statement = statement.where(beyond(_IN_ORDER, after))
    rows = reader.session.execute(statement.order_by(Message.seq.desc()).limit(_SHOWN + 1)).all()
    listed = reader.listed(as_page(reader.call, _IN_ORDER, query, [_At(id=row.id, seq=row.seq) for row in rows]))
    told = {one.id: one for one in read_messages(reader.call, [one.id for one in listed.items])}
    return Listing([told[one.id] for one in listed.items], listed.next)
