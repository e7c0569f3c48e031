"""Conversations: who wrote, who waits for a person, and what was said."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from bot.api.contacts import list_contacts
from bot.api.conversations import list_conversations, show_conversation
from bot.api.customers import phone_of, show_customer
from bot.api.handovers import (
    add_note,
    list_notes,
    release_conversation,
    reply_in_conversation,
    take_conversation,
)
from bot.api.me import change_availability, show_me
from bot.api.messages import read_messages
from bot.api.pages import Order, as_page, beyond, read_cursor
from bot.api.shapes import PageQuery, Shape
from bot.console.answering import answering, read_reply
from bot.console.readers import Listing, Reader, argument, which_page
from bot.console.sections import PEOPLE, Section
from bot.problems import Problem
from domain.customers import ContactCustomer, Customer
from domain.messages import Message

conversations = Section()

_SHOWN: Final = 50
_SOME_NOTES: Final = 20
_SHOWS: Final = frozenset({"waiting", "mine", "taken"})
_IN_ORDER: Final = Order((Message.seq,), ("seq",))


@conversations.page(
    "/conversations",
    title="console.conversations",
    template="conversations.html",
    menu=PEOPLE,
    live="messages,conversations",
)
def conversation_list(reader: Reader) -> dict[str, Any]:
    """List those who wrote last, those who wait for a person, mine, or those with one telephone number."""
    phone, show = argument("phone"), argument("show")
    found = _with_phone(reader, phone) if phone else reader.listing(list_conversations, _which(reader, show))
    return {
        "found": found,
        "names": names(reader, [one.contact_id for one in found.items]),
        "show": show if show in _SHOWS else None,
        "may_answer": reader.may(take_conversation),
        "somebody": reader.ask(show_me),
    }


def _which(reader: Reader, show: str | None) -> dict[str, Any]:
    shows: dict[str, dict[str, Any]] = {
        "waiting": {"person_wanted": True},
        "mine": {"assigned_to": reader.call.principal.id},
        "taken": {"taken": True},
    }
    return shows.get(show or "", {"order": "heard"})


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


@conversations.page(
    "/conversations/<uuid:conversation_id>",
    title="console.conversation",
    template="conversation.html",
    live="messages,conversations",
)
def conversation_page(reader: Reader, conversation_id: UUID) -> dict[str, Any]:
    """Show what was said in one, the newest at the end."""
    shown = reader.ask(show_conversation, conversation_id=conversation_id)
    known = names(reader, [shown.contact_id]).get(shown.contact_id)
    customer = reader.ask(show_customer, customer_id=shown.customer_id) if shown.customer_id else None
    return {
        "shown": shown,
        "said": _said(reader, conversation_id),
        "known": known,
        "customer": customer,
        "answering": answering(reader, shown),
        "notes": reader.ask(
            list_notes, conversation_id=conversation_id, query=PageQuery(limit=_SOME_NOTES, cursor=None)
        ).items,
    }


_ONE: Final = "/conversations/<uuid:conversation_id>"
conversations.form(f"{_ONE}/take", does=take_conversation, on=conversation_page, done="taken")
conversations.form(f"{_ONE}/release", does=release_conversation, on=conversation_page, done="handed_back")
conversations.form(f"{_ONE}/reply", does=reply_in_conversation, on=conversation_page, done="answered", read=read_reply)
conversations.form(f"{_ONE}/notes", does=add_note, on=conversation_page, done="noted")
conversations.form("/conversations/here", does=change_availability, on=conversation_list, done="availability")


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
