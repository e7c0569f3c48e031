"""Conversations that staff take over: taken, answered in, noted about, and handed back."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import Base64Bytes, Field, HttpUrl, StringConstraints, model_validator
from sqlalchemy import select

from bot.api.calls import Call
from bot.api.conversations import ConversationShown, conversations, show_conversation
from bot.api.pages import Order, page
from bot.api.sending import MessageTaken, Words, chosen_template
from bot.api.shapes import Page, PageQuery, Shape
from bot.handovers import answer, channel_of, kind_of, told_of_handing_back, told_of_taking
from bot.jobs.queues import REPLY_QUEUE
from bot.problems import FieldProblem, Problem
from bot.saying import NoWay, Saying, TooLong, plain
from domain.handovers import ConversationNote, Held, Person, hand_back, hold, note_answered, take_over
from domain.ids import new_id
from domain.message_files import LARGEST, KeptFile, Place, keep_file, kind_of_file
from domain.senders import WHATSAPP
from domain.staff import AGENT, VIEWER

__all__ = ["conversations"]  # with this file's routes among them

_NOTES: Final = Order((ConversationNote.created_at, ConversationNote.id), ("created_at", "id"))
_ONE: Final = "conversation"
# The largest file, in Base64, and what else is said.
LONGEST_BODY: Final = max(LARGEST.values()) * 4 // 3 + 64 * 1024


class Taking(Shape):
    """`instead`: also where a colleague has it, who then has it no longer."""

    instead: bool = False


class NewFile(Shape):
    """A picture (JPEG or PNG, up to 5 MB) or a PDF (up to 16 MB). `content` is in Base64."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    content: Base64Bytes


class ConversationReply(Shape):
    """What to answer: `text`, or a `template` by name, which WhatsApp wants once the 24 hours are over.

    With the text, or alone, goes one file: from an address, or, on WhatsApp, one that is given here.
    """

    text: Words | None = None
    file: NewFile | None = None
    template: Annotated[str, Field(max_length=200)] | None = None
    variables: dict[str, Annotated[str, StringConstraints(min_length=1, max_length=500)]] = Field(default_factory=dict)
    media_url: HttpUrl | None = None

    @model_validator(mode="after")
    def _something(self) -> "ConversationReply":
        own = [one for one in (self.text, self.file, self.media_url) if one is not None]
        if self.template is not None and own:
            raise ValueError("a template has words of its own")
        if self.template is None and not own:
            raise ValueError("text, file, media_url or template is needed")
        if self.file is not None and self.media_url is not None:
            raise ValueError("one file at a time")
        return self


class NewNote(Shape):
    """What to note about a conversation. Customers never see it."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class NoteShown(Shape):
    """A note of staff about a conversation."""

    id: UUID
    created_at: datetime
    author: UUID
    author_name: str
    text: str


@conversations.post(
    "/conversations/<uuid:conversation_id>/take",
    role=AGENT,
    body=Taking,
    answer=ConversationShown,
    problems={409: "Somebody has it already."},
)
def take_conversation(call: Call, conversation_id: UUID, body: Taking) -> ConversationShown:
    """Answer in a conversation instead of the bot, which is silent from now on. The customer is told."""
    held = _held(call, conversation_id)
    if held.handover_id is not None and (held.taken_by == call.principal.id or not body.instead):
        raise Problem(409, "already_taken", f"{held.taken_by_name} has taken this conversation over")
    _take(call, held)
    return _changed(call, held, "conversation.taken")


@conversations.post(
    "/conversations/<uuid:conversation_id>/release",
    role=AGENT,
    answer=ConversationShown,
    problems={409: "Nobody has it."},
)
def release_conversation(call: Call, conversation_id: UUID) -> ConversationShown:
    """Hand a conversation back to the bot. The customer is told."""
    held = _held(call, conversation_id)
    if held.handover_id is None:
        raise Problem(409, "not_taken", "nobody has taken this conversation over")
    hand_back(call.visit(), held)
    told_of_handing_back(call.visit(), call.services.accounts, held)
    return _changed(call, held, "conversation.handed_back")


@conversations.post(
    "/conversations/<uuid:conversation_id>/reply",
    role=AGENT,
    body=ConversationReply,
    answer=MessageTaken,
    status=202,
    largest=LONGEST_BODY,
    problems={409: "A colleague has it. Or WhatsApp's 24 hours are over: a template is needed."},
)
def reply_in_conversation(call: Call, conversation_id: UUID, body: ConversationReply) -> MessageTaken:
    """Answer the customer. Where nobody has taken the conversation over, you do so by it."""
    held = _held(call, conversation_id)
    if held.handover_id is None:
        _take(call, held)
    elif held.taken_by != call.principal.id:
        raise Problem(409, "already_taken", f"{held.taken_by_name} has taken this conversation over")
    said = _said(call, held, body)
    if said.status == "queued":
        note_answered(call.visit(), held)
    facts = {"text": said.text, "channel": said.channel, "address": said.address, "media": said.media}
    call.record("conversation.answered", (_ONE, conversation_id), None, facts)
    call.after_commit(lambda: call.services.bell.ring(REPLY_QUEUE))
    return MessageTaken(id=said.message_id, status=said.status, channel=said.channel, reason=said.reason)


@conversations.get("/conversations/<uuid:conversation_id>/notes", role=VIEWER, query=PageQuery, answer=Page[NoteShown])
def list_notes(call: Call, conversation_id: UUID, query: PageQuery) -> Page[NoteShown]:
    """List what staff noted about a conversation, the newest first."""
    show_conversation(call, conversation_id)
    statement = select(ConversationNote).where(
        ConversationNote.business_id == call.business_id, ConversationNote.conversation_id == conversation_id
    )
    return page(call, statement, _NOTES, query, lambda row: NoteShown.model_validate(row[0]))


@conversations.post(
    "/conversations/<uuid:conversation_id>/notes", role=AGENT, body=NewNote, answer=NoteShown, status=201
)
def add_note(call: Call, conversation_id: UUID, body: NewNote) -> NoteShown:
    """Note something about a conversation, for staff only."""
    show_conversation(call, conversation_id)
    who = call.principal
    note = ConversationNote(
        business_id=call.business_id,
        conversation_id=conversation_id,
        author=who.id,
        author_name=who.name,
        text=body.text,
    )
    call.session.add(note)
    call.session.flush()
    call.record("conversation.noted", (_ONE, conversation_id), None, {"text": body.text})
    return NoteShown.model_validate(note)


def _held(call: Call, conversation_id: UUID) -> Held:
    held = hold(call.visit(), call.business_id, conversation_id)
    if held is None:
        raise Problem(404, "not_found", "there is no conversation with this id")
    return held


def _take(call: Call, held: Held) -> None:
    take_over(call.visit(), call.business_id, held, Person(call.principal.id, call.principal.name))
    told_of_taking(call.visit(), call.services.accounts, held, call.principal.name)


def _changed(call: Call, held: Held, action: str) -> ConversationShown:
    call.session.expire_all()
    after = show_conversation(call, held.conversation_id)
    call.record(action, (_ONE, held.conversation_id), {"taken_by": held.taken_by}, {"taken_by": after.taken_by})
    call.after_commit(lambda: call.services.bell.ring(REPLY_QUEUE))
    return after


def _said(call: Call, held: Held, body: ConversationReply) -> Any:
    file = _file(body.file, channel_of(call.visit(), held)) if body.file else None
    at = new_id()
    try:
        said, _ = answer(call.visit(), call.services.accounts, held, _saying(call, held, body, file, at))
    except NoWay as error:
        raise Problem(409, "stopped", str(error)) from None
    except TooLong as error:
        raise Problem(422, "invalid", str(error), [FieldProblem("text", "too_long", str(error))]) from None
    if said.reason == "window_closed":
        raise Problem(
            409, "window_closed", "the customer last wrote more than 24 hours ago: only a template may go out"
        )
    if file is not None:
        keep_file(call.session, Place(call.business_id, said.message_id, file_id=at), file)
    return said


def _file(given: NewFile, channel: str) -> KeptFile:
    """Return a file that WhatsApp takes. Raises Problem."""
    kind = kind_of_file(given.content)
    if channel != WHATSAPP:
        raise _refused("not_on_this_channel", "files can be sent over WhatsApp only")
    if kind not in LARGEST:
        raise _refused("file_kind", "it is neither a JPEG or PNG picture nor a PDF")
    if len(given.content) > LARGEST[kind]:
        raise _refused("file_too_large", f"it has more than {LARGEST[kind] // 1024 // 1024} MB")
    return KeptFile(given.name, kind, given.content)


def _refused(code: str, why: str) -> Problem:
    return Problem(422, "invalid", why, [FieldProblem("file", code, why)])


def _saying(call: Call, held: Held, body: ConversationReply, file: KeptFile | None, file_id: UUID) -> Saying:
    if body.template is not None:
        return chosen_template(call, kind_of(held), body.template, body.variables)
    media = (str(body.media_url),) if body.media_url else ()
    said = plain(kind_of(held), body.text or "", media)
    if file is None:
        return said
    facts = {"file_id": str(file_id), "name": file.name, "content_type": file.content_type, "size": len(file.content)}
    return replace(said, file=facts)
