"""Who there is: people who write to the company, and people whom it writes to."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain.clock import now
from domain.contacts import Contact
from domain.conversations import Conversation
from domain.customers import ContactCustomer, Customer
from domain.door import Door
from domain.ids import new_id
from domain.senders import Sender
from tests.chaos.plan import Size
from tests.chaos.twilio import Twilio
from tests.noor import SMS, WHATSAPP, found_noor
from tests.purchases.world import book_what_is_owed

_NUMBERS: Final = {"whatsapp": WHATSAPP, "sms": SMS}
# Twilio's own default for a WhatsApp number. The outbox must not be what makes a run long.
_MESSAGES_A_SECOND: Final = 80
_MESSAGES_FOR_EACH: Final = 8


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on a channel. Those whom we write to have a conversation; the others begin theirs."""

    phone: str
    channel: str
    conversation_id: UUID | None = None

    @property
    def number(self) -> str:
        """The number of ours that they write to."""
        return _NUMBERS[self.channel]


@dataclass(frozen=True, slots=True)
class People:
    """Everybody: those who write, and those whom we write to."""

    business_id: UUID
    writers: list[Person]
    readers: list[Person]


def settle_people(door: Door, twilio: Twilio, size: Size) -> People:
    """Write the company and its customers into the database."""
    noor = found_noor(door)
    business_id = noor.business_id
    writers = [Person(f"+96650001{n:04d}", "sms" if n % 3 == 0 else "whatsapp") for n in range(size.conversations)]
    number = max(size.messages // _MESSAGES_FOR_EACH, 1)
    with door.for_business(business_id) as session:
        book_what_is_owed(session, noor)
        session.execute(update(Sender).values(messages_per_second=_MESSAGES_A_SECOND))
        for person in writers:
            _customer(session, business_id, person.phone, person.channel)
        readers = [
            talker(session, business_id, f"+96650002{n:04d}", "sms" if n % 3 == 0 else "whatsapp")[0]
            for n in range(number)
        ]
    for reader in readers:
        if reader.channel == "whatsapp":
            twilio.post("window", {"company": reader.number, "person": reader.phone, "open": True})
    return People(business_id, writers, readers)


def talker(session: Session, business_id: UUID, phone: str, channel: str) -> tuple[Person, UUID]:
    """Write down somebody who has talked to us a moment ago. Returns them, and whose customer they are."""
    sender_id = session.scalars(select(Sender.id).where(Sender.channel == channel)).one()
    contact_id, customer_id = _customer(session, business_id, phone, channel)
    conversation = Conversation(
        id=new_id(), business_id=business_id, sender_id=sender_id, contact_id=contact_id,
        customer_id=customer_id, last_inbound_at=now(),
    )  # fmt: skip
    session.add(conversation)
    session.flush()
    return Person(phone, channel, conversation.id), customer_id


def _customer(session: Session, business_id: UUID, phone: str, channel: str) -> tuple[UUID, UUID]:
    customer = Customer(
        id=new_id(), business_id=business_id, account_no=f"C{phone}", name="Salem", language="en", phone=phone,
        marketing_consent=True,
    )  # fmt: skip
    contact = Contact(id=new_id(), business_id=business_id, channel=channel, address=phone, language="en")
    session.add_all([customer, contact])
    session.flush()
    session.add(ContactCustomer(business_id=business_id, contact_id=contact.id, customer_id=customer.id))
    return contact.id, customer.id
