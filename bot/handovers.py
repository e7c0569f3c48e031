"""Staff takes a conversation over, answers in it, and hands it back; the customer is told who speaks."""

from uuid import UUID

from bot.channels.twilio_accounts import Accounts
from bot.saying import NoWay, Recipient, Saying, in_words, letter
from domain.clock import now
from domain.door import Visit
from domain.handovers import Held, place_in_queue
from domain.notices import Listener, listener_of
from domain.outbox import WINDOW
from domain.senders import WHATSAPP
from domain.speaking import Letter, speak
from domain.unanswered import Unanswered
from flows.reply import reply
from locales.text import Name, Text, counted, text


def told_of_taking(visit: Visit, accounts: Accounts, held: Held, name: str) -> list[UUID]:
    """Tell the customer that `name` answers now. Returns the message, if there is one."""
    return _tell(visit, accounts, held, text("handover.taken", name=Name(name)))


def told_of_handing_back(visit: Visit, accounts: Accounts, held: Held) -> list[UUID]:
    """Tell the customer that the bot answers again. Returns the message, if there is one."""
    return _tell(visit, accounts, held, text("handover.handed_back"))


def told_of_giving_on(visit: Visit, accounts: Accounts, held: Held, one: Unanswered, is_open: bool) -> list[UUID]:
    """Tell the customer that somebody else will answer, and their place where somebody is there."""
    said = [text("handover.given_on", name=Name(one.taken_by_name))]
    if is_open:
        place = place_in_queue(visit, one.business_id, one.conversation_id, one.since)
        said.append(counted("person.before_you", place - 1) if place > 1 else text("person.you_are_next"))
    return _tell(visit, accounts, held, *said)


def _tell(visit: Visit, accounts: Accounts, held: Held, *said: Text) -> list[UUID]:
    """Say something in the conversation; nothing to who can't be written to, or hasn't written for a day."""
    listener = listener_of(visit, held.conversation_id)
    closed = listener.channel == WHATSAPP and not (held.last_inbound_at and held.last_inbound_at > now() - WINDOW)
    if closed or held.carrier_stopped:
        return []
    return answer(visit, accounts, held, in_words("reply", reply(*said), customer_id=listener.customer_id))[1]


def answer(visit: Visit, accounts: Accounts, held: Held, saying: Saying) -> tuple[Letter, list[UUID]]:
    """Say something in the conversation, over the same channel and from the same number.

    What stands in the way is its reason: the 24 hours are over, or they stopped us. Raises NoWay and TooLong.
    """
    listener = listener_of(visit, held.conversation_id)
    said = letter(visit, accounts, _recipient(listener, held), saying)
    if held.carrier_stopped and said.status == "queued":
        raise NoWay("they stopped all messages at the carrier")
    return said, speak(visit, listener.business_id, [said])


def channel_of(visit: Visit, held: Held) -> str:
    """Return over which channel the conversation is."""
    return listener_of(visit, held.conversation_id).channel


def kind_of(held: Held) -> str:
    """Return the kind of what staff says here: to who wants no messages but wrote, it is an answer."""
    return "reply" if held.opted_out else "staff"


def _recipient(listener: Listener, held: Held) -> Recipient:
    return Recipient(
        listener.business_id, listener.address, listener.language, (listener.channel,), sender_id=held.sender_id
    )
