"""Who listens, what happened lately, and who is told of what."""

import asyncio
import contextlib
import json
import secrets
from collections import defaultdict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic
from typing import Final
from uuid import UUID

from domain.listening import Figures

# What may lie before one listener; who lets more pile up is too slow, and is dropped.
MOST_WAITING: Final = 256
# What may have been missed, and is told again to who comes back.
MOST_KEPT: Final = 10_000
# Of one topic; more of them at once are told as many.
MOST_AT_ONCE: Final = 20
_MINUTE: Final = 60.0


@dataclass(frozen=True, slots=True)
class Event:
    """Something that changed: a hint, by which a listener knows what to look at anew."""

    number: int
    business_id: UUID
    topic: str
    data: str
    epoch: str

    def written(self) -> bytes:
        """Return it as it is sent."""
        return f"id: {self.epoch}-{self.number}\nevent: {self.topic}\ndata: {self.data}\n\n".encode()


@dataclass(slots=True, eq=False)
class Listener:
    """Somebody who listens: for which business, to which topics, and by which bearer they were let in."""

    business_id: UUID
    topics: frozenset[str]
    bearer_id: UUID
    waiting: "asyncio.Queue[bytes]" = field(default_factory=lambda: asyncio.Queue(MOST_WAITING))
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Hub:
    """Tells every listener of what concerns them. All of it happens in one thread."""

    def __init__(self) -> None:
        self.epoch = secrets.token_hex(4)
        self.listeners: dict[UUID, set[Listener]] = defaultdict(set)
        self.figures: dict[UUID, Figures] = defaultdict(Figures)
        self._kept: deque[Event] = deque(maxlen=MOST_KEPT)
        self._number = 0
        self.heard = asyncio.Event()
        self._heard: dict[tuple[UUID, str], dict[str, None]] = defaultdict(dict)
        self._rates: dict[UUID, deque[float]] = defaultdict(lambda: deque(maxlen=100_000))

    def add(self, listener: Listener, last_id: str | None) -> None:
        """Let somebody listen; who says what they heard last is told what came since, or to reload."""
        self.listeners[listener.business_id].add(listener)
        missed = self._missed(listener, last_id)
        if missed is None:
            self._reload(listener)
        elif not missed:
            self._say(listener, self._at_present("hello"))
        for event in missed or ():
            self._say(listener, event.written())

    def remove(self, listener: Listener) -> None:
        """Let somebody listen no more."""
        listener.ended.set()
        with contextlib.suppress(asyncio.QueueFull):
            listener.waiting.put_nowait(b"")  # whoever writes to it wakes up, and sees that it has ended
        self.listeners[listener.business_id].discard(listener)

    def hear(self, payload: str) -> None:
        """Take something in that was committed. It is told with the next `tell`."""
        said = json.loads(payload)
        self._heard[UUID(said.pop("business")), said["topic"]].setdefault(json.dumps(said, separators=(",", ":")))
        self.heard.set()

    def tell(self) -> None:
        """Tell everybody what was heard since the last time, the same thing once; that it was many, where it was."""
        self.heard.clear()
        heard, self._heard = self._heard, defaultdict(dict)
        fresh: dict[UUID, list[Event]] = defaultdict(list)
        for (business_id, topic), said in heard.items():
            for data in said if len(said) <= MOST_AT_ONCE else [json.dumps({"topic": topic, "many": True})]:
                self._number += 1
                fresh[business_id].append(Event(self._number, business_id, topic, data, self.epoch))
        for business_id, events in fresh.items():
            self._kept.extend(events)
            self._rates[business_id].extend([monotonic()] * len(events))
            self._tell_business(business_id, events)

    def _tell_business(self, business_id: UUID, events: list[Event]) -> None:
        """Write each event once, however many listen."""
        written: dict[frozenset[str], tuple[bytes, int]] = {}
        for listener in tuple(self.listeners[business_id]):
            if listener.topics not in written:
                concerns = [event.written() for event in events if event.topic in listener.topics]
                written[listener.topics] = b"".join(concerns), len(concerns)
            said, number = written[listener.topics]
            if number:
                self._say(listener, said, number)

    def everything_may_have_changed(self) -> None:
        """Begin anew: what happened meanwhile is not known, so everybody is told to reload."""
        self.epoch = secrets.token_hex(4)
        self._kept.clear()
        self._heard.clear()
        for listener in tuple(self.everybody()):
            self._reload(listener)

    def everybody(self) -> Iterator[Listener]:
        """Yield all who listen."""
        for listeners in self.listeners.values():
            yield from listeners

    def counted(self) -> list[tuple[UUID, Figures]]:
        """Return what was counted, for each business for which anything was."""
        for business_id, listeners in self.listeners.items():
            self.figures[business_id].listeners = len(listeners)
        for business_id, rates in self._rates.items():
            while rates and rates[0] < monotonic() - _MINUTE:
                rates.popleft()
            if business_id in self.figures:
                self.figures[business_id].events_per_minute = len(rates)
        return list(self.figures.items())

    def _missed(self, listener: Listener, last_id: str | None) -> list[Event] | None:
        """Return what somebody missed; None where that is not known, or too much."""
        if last_id is None:
            return []
        epoch, _, number = last_id.partition("-")
        first = self._kept[0].number if self._kept else self._number + 1
        if epoch != self.epoch or not number.isdecimal() or not first - 1 <= int(number) <= self._number:
            return None
        missed = [event for event in self._kept if self._concerns(listener, event) and event.number > int(number)]
        return missed if len(missed) <= MOST_WAITING // 2 else None

    @staticmethod
    def _concerns(listener: Listener, event: Event) -> bool:
        return event.business_id == listener.business_id and event.topic in listener.topics

    def _reload(self, listener: Listener) -> None:
        self.figures[listener.business_id].reloads += 1
        self._say(listener, self._at_present("reload"))

    def _at_present(self, name: str) -> bytes:
        return f"id: {self.epoch}-{self._number}\nevent: {name}\ndata: {{}}\n\n".encode()

    def _say(self, listener: Listener, written: bytes, number: int = 1) -> None:
        try:
            listener.waiting.put_nowait(written)
            self.figures[listener.business_id].told += number
        except asyncio.QueueFull:
            if not listener.ended.is_set():
                self.figures[listener.business_id].dropped += 1
            self.remove(listener)
