"""A reply as the text of a channel: paragraphs, and what may be chosen as a numbered list."""

from collections.abc import Iterator

from bot.channels.segments import count
from domain.senders import SMS
from domain.turns import Outgoing
from flows.reply import Paragraph, Reply
from locales.speech import Speech
from locales.text import Text

# Twilio takes 1,600 characters at most in one message (error 21617).
LONGEST_TEXT = 1600


def render(reply: Reply, language: str, channel: str) -> list[Outgoing]:
    """Return the messages that carry `reply` on `channel` in `language`: one, unless it is too long for one."""
    speech = Speech(language, sms=channel == SMS)
    written = _written(reply, speech, "\n" if channel == SMS else "\n\n")
    return [_outgoing(part, channel) for part in split(written, LONGEST_TEXT)]


def split(text: str, longest: int) -> list[str]:
    """Cut `text` into parts of at most `longest` characters, between lines where that can be."""
    parts, rest = [], text
    while len(rest) > longest:
        cut = rest.rfind("\n", 1, longest + 1)
        cut = cut if cut > 0 else longest
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip("\n")
    return [*parts, rest]


def _written(reply: Reply, speech: Speech, gap: str) -> str:
    paragraphs = [_paragraph(paragraph, speech) for paragraph in reply.paragraphs]
    if reply.entries:
        paragraphs.append("\n".join(_numbered(reply, speech)))
    return gap.join(paragraphs)


def _paragraph(paragraph: Paragraph, speech: Speech) -> str:
    lines = (paragraph,) if isinstance(paragraph, Text) else paragraph
    return "\n".join(speech.say(line) for line in lines)


def _numbered(reply: Reply, speech: Speech) -> Iterator[str]:
    for number, entry in enumerate(reply.entries, start=1):
        yield f"{number}. {speech.say(entry.label)}"


def _outgoing(text: str, channel: str) -> Outgoing:
    if channel != SMS:
        return Outgoing(text)
    counted = count(text)
    return Outgoing(text, encoding=counted.encoding, segments=counted.segments)
