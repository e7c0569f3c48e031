"""A turn: one inbound message and all that follows from it, as the flows see it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from domain import clock
from domain.accounts import Account, accounts_of
from domain.door import Desk, Visit
from domain.turns import Opening, remember_language
from flows.heard import Heard
from flows.normalise import language_of
from flows.reply import Go, Paragraph, Reply
from locales.text import Text


@dataclass
class Talk:
    """Where the conversation stands; what changes here is written down when the turn ends."""

    flow: str | None
    state: str | None
    data: dict[str, Any]
    misses: int
    customer_id: UUID | None
    opted_out_at: datetime | None
    person_wanted_at: datetime | None
    carrier_stopped: bool
    busy_until: datetime | None


@dataclass(frozen=True, slots=True)
class Timeout:
    """What happens by itself at `due_at`, unless the conversation has moved on: the script's `choice`."""

    due_at: datetime
    choice: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Something to be said to another address than the one that this turn is with; without an address, to nobody.

    `kind` is the message's. With `skipped`, the reason, it is written down and not sent. A mail has a `subject`, the
    name that it comes from (`sender`), and may have a document of ours attached, an invoice.
    """

    sender_id: UUID | None
    channel: str
    address: str | None
    kind: str
    said: Text
    language: str
    customer_id: UUID | None = None
    skipped: str | None = None
    subject: Text | None = None
    sender: str = ""
    document_id: UUID | None = None


@dataclass
class Turn:
    """What a flow may know and do. Everything happens in `visit`, the one transaction of the turn.

    `base_url` is where our own pages are found, `link_to` where a document of ours is, in a language, for a while;
    `sends_mails` whether it can be sent by e-mail, `pays_online` whether there is a gateway to pay through. `said_at`
    is when the customer wrote: earlier, if it reached us late. `wakes` names the work that waits once it is committed.
    """

    visit: Visit
    desk: Desk
    opening: Opening
    heard: Heard
    channel: str
    base_url: str
    link_to: Callable[[UUID, str], str]
    sends_mails: bool
    pays_online: bool
    said_at: datetime = field(default_factory=clock.now)
    talk: Talk = field(init=False)
    replies: list[Reply] = field(default_factory=list)
    timeout: Timeout | None = None
    elsewhere: list[Elsewhere] = field(default_factory=list)
    wakes: set[str] = field(default_factory=set)
    _first: list[Paragraph] = field(default_factory=list)
    _language: str | None = field(init=False)
    _accounts: tuple[Account, ...] | None = None

    def __post_init__(self) -> None:
        """Start from where the turn before left the conversation."""
        opening = self.opening
        self._language = opening.language
        self.talk = Talk(
            opening.flow,
            opening.state,
            dict(opening.data),
            opening.misses,
            opening.customer_id,
            opening.opted_out_at,
            opening.person_wanted_at,
            opening.carrier_stopped,
            opening.busy_until,
        )

    @property
    def accounts(self) -> tuple[Account, ...]:
        """The accounts that this contact speaks for."""
        if self._accounts is None:
            self._accounts = accounts_of(self.visit, self.opening.contact_id)
        return self._accounts

    @property
    def account(self) -> Account | None:
        """The account that the conversation is about; None while that has to be asked, or there is none."""
        if len(self.accounts) == 1:
            return self.accounts[0]
        return next((one for one in self.accounts if one.customer_id == self.talk.customer_id), None)

    @property
    def language_chosen(self) -> bool:
        """Whether this contact ever chose a language here."""
        return self._language is not None

    @property
    def language(self) -> str:
        """The language to speak: as chosen, else as on file, else as the customer writes, else the business's."""
        on_file = next((one.language for one in self.accounts if one.language), None)
        return self._language or on_file or self._guessed_language

    @property
    def _guessed_language(self) -> str:
        """The language that the customer wrote in, now or last."""
        guess: str = language_of(self.heard.text) or self.talk.data.get("guess") or self.desk.language
        self.talk.data["guess"] = guess
        return guess

    @property
    def today(self) -> date:
        """The date at the business."""
        return clock.today(self.desk.timezone)

    @property
    def business_name(self) -> str:
        """The business's name in the language of the turn."""
        return self.desk.name_ar if self.language == "ar" else self.desk.name_en

    def speak(self, language: str) -> None:
        """Speak `language` from now on, and in every later turn."""
        remember_language(self.visit, self.opening.contact_id, language)
        self._language = language

    def go_on(self) -> Go:
        """Return the way to what was wanted before something else had to be asked; to the menu if nothing was."""
        wanted = self.talk.data.pop("then", None)
        return Go(wanted["flow"], wanted["memo"]) if wanted else Go("menu")

    def accounts_changed(self) -> None:
        """Look anew for whom this contact speaks."""
        self._accounts = None

    def tell(self, elsewhere: Elsewhere) -> None:
        """Say something to somebody else."""
        self.elsewhere.append(elsewhere)

    def wake(self, work: str) -> None:
        """Let `work` be begun as soon as this turn is committed."""
        self.wakes.add(work)

    def first_say(self, *paragraphs: Paragraph) -> None:
        """Say `paragraphs` at the head of the next reply."""
        self._first.extend(paragraphs)

    def say(self, answer: Reply) -> None:
        """Answer."""
        self.replies.append(answer.after(*self._first))
        self._first.clear()
