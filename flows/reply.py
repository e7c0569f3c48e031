"""A reply is data. How it looks on a phone is the channel's business."""

from dataclasses import dataclass

from locales.text import Text

Paragraph = Text | tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to choose: what is said, and what it sets off, with `arg` to tell like ones apart."""

    trigger: str
    label: Text
    arg: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said: paragraphs (a tuple is a paragraph of several lines), and what may be chosen next."""

    paragraphs: tuple[Paragraph, ...]
    entries: tuple[Entry, ...] = ()

    def after(self, *paragraphs: Paragraph) -> "Reply":
        """Return this reply with `paragraphs` said first."""
        return Reply((*paragraphs, *self.paragraphs), self.entries)


@dataclass(frozen=True, slots=True)
class Go:
    """Instead of a reply: the conversation goes on in another flow."""

    flow: str


def reply(*paragraphs: Paragraph, entries: tuple[Entry, ...] = ()) -> Reply:
    """Return a reply that says `paragraphs` and offers `entries`."""
    return Reply(paragraphs, entries)
