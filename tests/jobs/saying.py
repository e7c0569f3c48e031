"""Says things of the company's own accord, as tests do."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, text, update

from bot.jobs.worker_services import WorkerServices
from bot.saying import Recipient, Saying, letter, plain
from domain.businesses import Business
from domain.conversations import Conversation
from domain.door import Visit
from domain.messages import Message
from domain.senders import Sender, SenderPace
from domain.speaking import speak
from domain.ways import BEST_FIRST


class Says:
    """The company, saying something."""

    def __init__(self, workers: WorkerServices) -> None:
        self._workers = workers
        with workers.door.for_every_business() as session:
            self.business_id = session.scalars(select(Business.id)).one()

    def __call__(self, to: str, *words: str, kind: str = "notice", channels: tuple[str, ...] = BEST_FIRST) -> None:
        """Say something to a phone, over the best way or one of `channels`."""
        for one in words:
            self.saying(to, plain(kind, one), channels)

    def saying(self, to: str, saying: Saying, channels: tuple[str, ...] = BEST_FIRST) -> None:
        """Say what the catalogues say."""
        with self._workers.door.for_business(self.business_id) as session:
            visit = Visit.within(session)
            recipient = Recipient(self.business_id, to, "en", channels)
            speak(visit, self.business_id, [letter(visit, self._workers.accounts, recipient, saying)])

    def to_all(self, *people: str, kind: str = "notice", words: str = "Works on Friday") -> None:
        """Say the same to many over WhatsApp, all of whom wrote just now."""
        self.heard_from(*people)
        for person in people:
            self(person, words, kind=kind, channels=("whatsapp",))

    def heard_from(self, *people: str) -> None:
        """Let it be that each of them wrote to us just now over WhatsApp, and was answered."""
        for person in people:
            self(person, "hello", channels=("whatsapp",))
        with self._workers.door.for_every_business() as session:
            session.execute(update(Conversation).values(last_inbound_at=text("now()")))
            session.execute(text("DELETE FROM message WHERE status = 'skipped' AND reason = 'window_closed'"))

    def change_sender(self, channel: str, **values: Any) -> None:
        """Change a number of ours."""
        with self._workers.door.for_every_business() as session:
            session.execute(update(Sender).where(Sender.channel == channel).values(**values))

    def change_pace(self, channel: str, **values: Any) -> None:
        """Change how a number of ours keeps its pace."""
        with self._workers.door.for_every_business() as session:
            numbers = select(Sender.id).where(Sender.channel == channel)
            session.execute(update(SenderPace).where(SenderPace.sender_id.in_(numbers)).values(**values))

    def pace(self, channel: str) -> SenderPace:
        """Return how a number of ours keeps its pace."""
        with self._workers.door.for_every_business() as session:
            return session.scalars(select(SenderPace).join(Sender).where(Sender.channel == channel)).one()

    def sender(self, channel: str) -> Sender:
        """Return a number of ours."""
        with self._workers.door.for_every_business() as session:
            return session.scalars(select(Sender).where(Sender.channel == channel)).one()

    def make_due(self) -> None:
        """Let all that waits for another try be due."""
        with self._workers.door.for_every_business() as session:
            session.execute(text("UPDATE message SET due_at = created_at WHERE status = 'queued'"))

    def let_pass(self, seconds: float) -> None:
        """Let all that was claimed have been claimed so much earlier."""
        with self._workers.door.for_every_business() as session:
            session.execute(
                text("UPDATE message SET claimed_at = claimed_at - make_interval(secs => :s)"), {"s": seconds}
            )

    def rows(self, kind: str | None = None) -> list[Message]:
        """Return all that was said, oldest first."""
        with self._workers.door.for_every_business() as session:
            said = select(Message).where(Message.direction == "outbound").order_by(Message.seq)
            return [row for row in session.scalars(said) if kind in {None, row.kind}]

    def by_id(self, message_id: UUID | None) -> Message:
        """Return one message."""
        return next(row for row in self.rows() if row.id == message_id)
