"""A reply is data. How it looks on a phone is the channel's business."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from locales.text import Text

Paragraph = Text | tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to choose: what is said, and what it sets off, with `arg` to tell like ones apart.

    A label of at most 20 characters fits a button, one of at most 24 a row of a list; `detail` is a second line there.
    """

    trigger: str
    label: Text
    arg: str | None = None
    detail: Text | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said: paragraphs (a tuple is a paragraph of several lines), and what may be chosen next.

    `media` are the addresses of documents and pictures that go with it.
    """

    paragraphs: tuple[Paragraph, ...]
    entries: tuple[Entry, ...] = ()
    media: tuple[str, ...] = ()

    def after(self, *paragraphs: Paragraph) -> "Reply":
        """Return this reply with `paragraphs` said first."""
        return Reply((*paragraphs, *self.paragraphs), self.entries, self.media)


@dataclass(frozen=True, slots=True)
class Go:
    """Instead of a reply: the conversation goes on in another flow, which finds `memo` in its memory.

    With `state` it is taken up there, else it begins.
    """

    flow: str
    memo: Mapping[str, Any] = field(default_factory=dict)
    state: str | None = None


def reply(*paragraphs: Paragraph, entries: tuple[Entry, ...] = (), media: tuple[str, ...] = ()) -> Reply:
    """Return a reply that says `paragraphs`, shows `media` and offers `entries`."""
    return Reply(paragraphs, entries, media)
