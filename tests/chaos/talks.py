"""People who write to the company: each waits for the answer before they write again."""

from collections.abc import Iterable
from dataclasses import dataclass
from threading import Event
from time import monotonic
from typing import Any, Final

from tests.chaos.outgoing import is_marked
from tests.chaos.people import Person
from tests.chaos.plan import Size, chance_of
from tests.chaos.twilio import Twilio, is_ours

# Each of these has exactly one message as its answer, wherever the conversation stands.
_WORDS: Final = ("balance", "menu", "balance", "hello", "رصيدي")
_MOST_WORDS: Final = 3
_BEGIN_WITHIN: Final = 0.7
_THINK: Final = (0.5, 6.0)
_LOOK_EVERY: Final = 0.3


@dataclass(slots=True)
class Talk:
    """One conversation: what is still to be said, and how far it is."""

    person: Person
    words: list[str]
    next_at: float
    asked: int = 0
    answered: int = 0

    @property
    def is_over(self) -> bool:
        """Tell whether everything was said and answered."""
        return self.asked == len(self.words) and self.answered >= self.asked

    @property
    def is_due(self) -> bool:
        """Tell whether they write now."""
        return self.asked < len(self.words) and self.answered >= self.asked and monotonic() >= self.next_at


class Talks:
    """All conversations, held by one thread that reads the sandbox's books."""

    def __init__(self, sandbox: str, writers: list[Person], seed: int, size: Size) -> None:
        self._twilio = Twilio(sandbox)
        self._chance = chance_of(seed, "talks")
        self._size = size
        self._talks = [self._talk(person) for person in writers]
        self._by_address = {(talk.person.channel, talk.person.phone): talk for talk in self._talks}
        self._seen = 0

    @property
    def over(self) -> int:
        """How many are over."""
        return sum(talk.is_over for talk in self._talks)

    @property
    def asked(self) -> int:
        """How much was said to the company."""
        return sum(talk.asked for talk in self._talks)

    def hold_all(self, stopped: Event) -> None:
        """Hold them until all are over, or it is said to stop."""
        began = monotonic()
        for talk in self._talks:
            talk.next_at += began
        while not stopped.wait(_LOOK_EVERY) and self.over < len(self._talks):
            self._hear(self._twilio.messages(self._seen))
            for talk in self._talks:
                if talk.is_due:
                    self._say(talk)
        self._twilio.close()

    def _talk(self, person: Person) -> Talk:
        words = self._chance.choices(_WORDS, k=self._chance.randint(1, _MOST_WORDS))
        return Talk(person, words, self._chance.uniform(0, self._size.seconds * _BEGIN_WITHIN))

    def _hear(self, messages: Iterable[dict[str, Any]]) -> None:
        for message in messages:
            self._seen = message["seq"]
            talk = self._by_address.get((message["channel"], message["to"].removeprefix("whatsapp:")))
            if talk is not None and is_ours(message) and not is_marked(message["shown"]):
                talk.answered += 1
                talk.next_at = monotonic() + self._chance.uniform(*_THINK)

    def _say(self, talk: Talk) -> None:
        said = {"from": talk.person.phone, "to": talk.person.number, "channel": talk.person.channel}
        self._twilio.post("inbound", {**said, "body": talk.words[talk.asked], "wait": False})
        talk.asked += 1
