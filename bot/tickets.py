"""Staff, or the system, let a ticket move on; the customer is told."""

from collections.abc import Iterator
from textwrap import wrap
from uuid import UUID

from bot.channels.render import render
from domain.door import Visit
from domain.notices import listener_of, say
from domain.tickets import RESOLVED, WAITING, Actor, Move, move
from flows.reply import Paragraph, reply
from locales.speech import LONGEST_NAME
from locales.text import Code, Name, text

_NO_TURN = 0  # a notice has no buttons


def move_ticket(visit: Visit, ticket_id: UUID, to: str, actor: Actor, words: str | None = None) -> Move:
    """Let a ticket go to the state `to`, and tell the customer, with `words` of ours, which they can read.

    Whoever commits rings the outbox's bell then. Raises NoSuchTicket and IllegalStep.
    """
    moved = move(visit, ticket_id, to, actor, words)
    listener = listener_of(visit, moved.conversation_id)
    news = reply(*_news(moved, words))
    for outgoing in render(news, listener.language, listener.channel, _NO_TURN):
        say(visit, moved.conversation_id, outgoing)
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
