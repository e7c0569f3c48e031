"""Menus that are longer than a phone can show: page by page."""

from dataclasses import dataclass
from typing import Final

from flows.reply import Entry, Reply
from locales.text import text

# What a list on WhatsApp holds.
MOST_ENTRIES: Final = 10


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a reply, and its number from 0."""

    number: int
    reply: Reply


def page_of(answer: Reply, number: int) -> Page:
    """Return page `number` of a reply. Past the last page the first one follows.

    What leads elsewhere (the entries without `arg` at the end) stands on every page.
    """
    if len(answer.entries) <= MOST_ENTRIES:
        return Page(0, answer)
    ways_out = _ways_out(answer.entries)
    listed = answer.entries[: len(answer.entries) - len(ways_out)]
    size = MOST_ENTRIES - len(ways_out) - 1
    number %= -(-len(listed) // size)
    shown = listed[number * size : (number + 1) * size]
    entries = (*shown, Entry("more", text("menu.more")), *ways_out)
    return Page(number, Reply(answer.paragraphs, entries, answer.media))


def _ways_out(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    ways: list[Entry] = []
    for entry in reversed(entries):
        if entry.arg is not None or len(ways) == 3:
            break
        ways.insert(0, entry)
    return tuple(ways)
