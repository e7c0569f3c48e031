"""A reply as messages of a channel: paragraphs, and what may be chosen as buttons, as a list, or numbered."""

from typing import Any

from bot.channels.choices import choices_of
from bot.channels.segments import count
from domain.senders import EMAIL, SMS
from domain.speaking import Letter
from domain.turns import Outgoing
from flows.reply import Entry, Paragraph, Reply
from flows.turn import Elsewhere
from locales.speech import Speech
from locales.text import Text, text

# Twilio takes 1,600 characters at most in one message (error 21617).
LONGEST_TEXT = 1600


def render(reply: Reply, language: str, channel: str, turn: int) -> list[Outgoing]:
    """Return the messages that carry `reply` on `channel` in `language`: one, unless it is too long for one.

    `turn` is the number of the turn that shows it: buttons carry it, so that old ones can be told from new ones.
    """
    speech = Speech(language, sms=channel == SMS)
    gap = "\n" if channel == SMS else "\n\n"
    body = gap.join(_paragraph(paragraph, speech) for paragraph in reply.paragraphs)
    numbered = "\n".join(_numbered(entry, number, speech) for number, entry in enumerate(reply.entries, start=1))
    parts = split(gap.join(filter(None, (body, numbered))), LONGEST_TEXT)
    media = [{"url": url} for url in reply.media]
    if channel != SMS and len(parts) == 1:
        # A message with buttons carries no file: the file goes before it.
        choices = choices_of(reply, body, speech, turn)
        alone = [Outgoing("", media=media)] if media and choices else []
        return [*alone, Outgoing(parts[0], choices=choices, media=[] if alone else media)]
    # On SMS a file is a link: one segment more, rather than an MMS that few networks carry.
    if channel == SMS:
        parts = [*parts[:-1], "\n".join([parts[-1], *reply.media])]
        media = []
    return [_outgoing(part, channel, media if part is parts[0] else []) for part in parts]


def letter_of(one: Elsewhere) -> Letter:
    """Return the message that carries what is said to another address."""
    written = _outgoing(Speech(one.language, sms=one.channel == SMS).say(one.said), one.channel, [])
    return Letter(
        sender_id=one.sender_id,
        channel=one.channel,
        address=one.address,
        kind=one.kind,
        text=written.text,
        encoding=written.encoding,
        segments=written.segments,
        customer_id=one.customer_id,
        status="skipped" if one.skipped else "queued",
        reason=one.skipped,
        media=_attached(one),
        mail=_mail(one),
    )


def _attached(one: Elsewhere) -> list[dict[str, Any]]:
    return [{"document": str(one.document_id), "language": one.language}] if one.document_id else []


def _mail(one: Elsewhere) -> dict[str, Any] | None:
    if one.channel != EMAIL or one.subject is None:
        return None
    subject = Speech(one.language, sms=False).say(one.subject)
    return {"subject": subject, "language": one.language, "sender": one.sender}


def split(text: str, longest: int) -> list[str]:
    """Cut `text` into parts of at most `longest` characters, between lines where that can be."""
    parts, rest = [], text
    while len(rest) > longest:
        cut = rest.rfind("\n", 1, longest + 1)
        cut = cut if cut > 0 else longest
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip("\n")
    return [*parts, rest]


def _paragraph(paragraph: Paragraph, speech: Speech) -> str:
    lines = (paragraph,) if isinstance(paragraph, Text) else paragraph
    return "\n".join(speech.line(line) for line in lines)


def _numbered(entry: Entry, number: int, speech: Speech) -> str:
    label = entry.label if entry.detail is None else text("entry.detailed", label=entry.label, detail=entry.detail)
    return f"{number}. {speech.line(label)}"


def _outgoing(text: str, channel: str, media: list[dict[str, Any]]) -> Outgoing:
    if channel != SMS:
        return Outgoing(text, media=media)
    counted = count(text)
    return Outgoing(text, media=media, encoding=counted.encoding, segments=counted.segments)
