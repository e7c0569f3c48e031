"""Staff, or the system, let a ticket move on; the customer is told."""

from collections.abc import Iterator
from textwrap import wrap
from uuid import UUID

from bot.channels.approved import TICKET_NEWS, text_of
from bot.channels.twilio_accounts import Accounts
from bot.saying import Recipient, in_words, letter
from domain.door import Visit
from domain.notices import listener_of
from domain.speaking import speak
from domain.tickets import RESOLVED, WAITING, Actor, Move, move
from domain.ways import BEST_FIRST
from flows.reply import Paragraph, reply
from locales.speech import LONGEST_NAME
from locales.text import Code, Name, text


def move_ticket(
    visit: Visit, accounts: Accounts, ticket_id: UUID, to: str, actor: Actor, words: str | None = None
) -> Move:
    """Let a ticket go to the state `to`, and tell the customer, with `words` of ours, which they can read.

    Whoever commits rings the bell of notices then. Raises NoSuchTicket and IllegalStep.
    """
    moved = move(visit, ticket_id, to, actor, words)
    listener = listener_of(visit, moved.conversation_id)
    fault, status = text(f"fault.{moved.kind}"), text(f"ticket_status.{moved.after}")
    short = text_of(TICKET_NEWS, ticket=Code(f"T-{moved.number}"), fault=fault, status=status)
    saying = in_words("notice", reply(*_news(moved, words)), (TICKET_NEWS, short), listener.customer_id)
    # Where they reported it; and where that can't be, where else they are reached.
    channels = (listener.channel, *(channel for channel in BEST_FIRST if channel != listener.channel))
    to_them = Recipient(listener.business_id, listener.address, listener.language, channels)
    speak(visit, listener.business_id, [letter(visit, accounts, to_them, saying)])
    return moved


def _news(moved: Move, words: str | None) -> Iterator[Paragraph]:
    fault, status = text(f"fault.{moved.kind}"), text(f"ticket_status.{moved.after}")
    yield text("news.moved", ticket=Code(f"T-{moved.number}"), fault=fault, status=status)
    if words:
        yield tuple(text("news.says", says=Name(line)) for line in wrap(words, LONGEST_NAME))
    if moved.after == WAITING:
        yield text("news.answer")
    elif moved.after == RESOLVED:
        yield text("news.not_fixed")
