"""What we say of our own accord: put into the outbox as the service does it, whatever happens to the database."""

from dataclasses import dataclass
from threading import Event
from time import monotonic
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.conversations import Conversation
from domain.door import DATABASE_ERRORS, Door, Visit
from domain.hiding import shown
from domain.messages import Message
from domain.speaking import Letter, speak
from tests.chaos.people import People, Person
from tests.chaos.plan import Size, chance_of

# How often which kind is meant. The last two are never sent again when they are in doubt.
_KINDS: Final = {"notice": 0.5, "staff": 0.15, "campaign": 0.25, "code": 0.1}
_IN_ONE_TRANSACTION: Final = 25
# The rest of the time is left for what is late.
_WITHIN: Final = 0.8
# Some messages say the same to the same few people, so that nothing but the address of the callback tells them apart.
_ALIKE: Final = 0.1
_ALIKE_TO: Final = 0.05
# To one person there are six seconds between two of them.
_AT_LEAST: Final = 12
_RETRY: Final = 0.25
_MARK: Final = "Chaos"


@dataclass(frozen=True, slots=True)
class Meant:
    """A message that must get to somebody."""

    text: str
    kind: str
    person: Person

    @property
    def logged(self) -> str:
        """The text as it stands in our log at the end: without codes."""
        return shown(self.kind, self.text)


def is_marked(text: str) -> bool:
    """Tell whether we said this of our own accord."""
    return text.startswith(_MARK)


class Writer:
    """Writes messages, a transaction at a time, over the first part of the run."""

    def __init__(self, door: Door, people: People, seed: int, size: Size) -> None:
        self._door = door
        self._people = people
        self._size = size
        self._chance = chance_of(seed, "outgoing")
        self.meant: list[Meant] = []
        self.written = 0

    def write_all(self, stopped: Event) -> None:
        """Write all of them. A transaction whose end nobody knows is looked for before it is tried again."""
        batches = self._batches()
        began, within = monotonic(), self._size.seconds * _WITHIN
        for number, batch in enumerate(batches):
            wait = began + number * within / len(batches) - monotonic()
            if wait > 0 and stopped.wait(wait):
                return
            while not self._is_written(batch):
                if stopped.wait(_RETRY):
                    return
            self.meant += batch
            self.written += len(batch)

    def _batches(self) -> list[list[Meant]]:
        meant = [self._one(number) for number in range(self._size.messages)]
        return [meant[at : at + _IN_ONE_TRANSACTION] for at in range(0, len(meant), _IN_ONE_TRANSACTION)]

    def _one(self, number: int) -> Meant:
        readers = self._people.readers
        person = self._chance.choice(readers)
        kind = self._chance.choices([*_KINDS], [*_KINDS.values()])[0]
        if self._chance.random() < _ALIKE:
            person = self._chance.choice(readers[: max(int(len(readers) * _ALIKE_TO), _AT_LEAST)])
            return Meant(f"{_MARK}: your payment was received. Thank you.", "notice", person)
        return Meant(f"{_MARK} {number:05d}: your invoice is ready.", kind, person)

    def _is_written(self, batch: list[Meant]) -> bool:
        try:
            with self._door.for_business(self._people.business_id) as session:
                if not _known(session, batch):
                    for meant in batch:
                        _write(session, self._people.business_id, meant)
        except DATABASE_ERRORS:
            self._door.forget_connections()
            return False
        return True


def _known(session: Session, batch: list[Meant]) -> bool:
    """A batch is written whole or not at all, and some of its texts are said once only, and kept as they are."""
    unique = max(meant.text for meant in batch if meant.kind != "code" and not meant.text.startswith(f"{_MARK}:"))
    return session.scalar(select(Message.id).where(Message.text == unique)) is not None


def _write(session: Session, business_id: UUID, meant: Meant) -> None:
    assert meant.person.conversation_id is not None
    on_sms = meant.person.channel == "sms"
    letter = Letter(
        sender_id=_sender(session, meant.person.conversation_id),
        channel=meant.person.channel,
        address=meant.person.phone,
        kind=meant.kind,
        text=meant.text,
        encoding="GSM-7" if on_sms else None,
        segments=1 if on_sms else None,
    )
    assert speak(Visit.within(session), business_id, [letter])


def _sender(session: Session, conversation_id: UUID) -> UUID:
    return session.execute(select(Conversation.sender_id).where(Conversation.id == conversation_id)).scalar_one()
