"""Somebody wants to talk to a person."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import ClassVar

from domain import clock
from domain.handovers import place_in_queue
from domain.hours import hours_of
from domain.reports import Report, file_report
from domain.tickets import REQUEST
from flows.flow import Entry, Flow, Reply
from flows.heard import Heard
from flows.known import customer_of, written
from flows.reply import Paragraph, reply
from flows.when import moment
from locales.text import Code, Name, counted, text


class Person(Flow):
    """Says when somebody is there, asks what it is about, and leaves the request; once, however often it is made."""

    name = "person"
    states = ("asking", "noted", "waiting")
    script = (
        ("asking", "about", "noted"),
        ("asking", "skip", "noted"),
        ("asking", "wanted_already", "waiting"),
    )
    heard_choices = frozenset({"about", "wanted_already"})
    # Who asks for a person and says no more wants one all the same.
    timeouts: ClassVar = {"asking": (timedelta(minutes=3), "skip")}

    def ask_asking(self) -> Reply:
        """Say when somebody is there, and ask what it is about; unless the request is left already."""
        if self.turn.talk.person_wanted_at is not None:
            return self.choose("wanted_already")  # type: ignore[return-value]
        return reply(*self._presence(clock.now()), text("person.ask"), entries=(Entry("skip", text("person.skip")),))

    def hear_asking(self, heard: Heard) -> str | None:
        """Take anything that is written for what it is about."""
        self.memo["about"] = written(heard)
        return "about" if self.memo["about"] else None

    def on_about(self) -> None:
        """Leave the request, with what it is about."""
        self._leave(self.memo["about"])

    def on_skip(self) -> None:
        """Leave the request."""
        self._leave(None)

    def ask_noted(self) -> Reply:
        """Promise that it will be read, and no more than that."""
        noted = text("person.noted", ticket=Code(f"T-{self.memo['number']}"))
        return reply(noted, *self._place(), *self._return(), entries=(Entry("menu", text("menu.back")),))

    def ask_waiting(self) -> Reply:
        """Say that the request is not forgotten."""
        return reply(
            text("person.noted_already"), *self._place(), *self._return(), entries=(Entry("menu", text("menu.back")),)
        )

    def _leave(self, about: str | None) -> None:
        turn = self.turn
        report = Report(
            REQUEST,
            turn.opening.contact_id,
            turn.opening.conversation_id,
            customer_id=customer_of(turn),
            note=about,
        )
        self.memo["number"] = file_report(turn.visit, turn.desk, report).number
        turn.talk.person_wanted_at = turn.talk.person_wanted_at or clock.now()

    def _presence(self, now: datetime) -> Iterator[Paragraph]:
        """Say whether somebody is there, or else when; nothing where the business keeps no hours."""
        hours = hours_of(self.turn.visit, self.turn.desk.timezone, now)
        if not hours.are_kept:
            return
        if hours.is_open(now):
            yield text("person.here")
            return
        holiday, opening = hours.holiday_at(now), hours.next_opening(now)
        if holiday is not None:
            yield text("person.holiday", holiday=Name(holiday.in_(self.turn.language)))
        yield text("person.away_until", when=moment(self.turn, opening)) if opening else text("person.away")

    def _place(self) -> Iterator[Paragraph]:
        """Say how many come before, while somebody is there."""
        turn, now = self.turn, clock.now()
        since = turn.talk.person_wanted_at
        hours = hours_of(turn.visit, turn.desk.timezone, now)
        if since is not None and hours.are_kept and hours.is_open(now):
            place = place_in_queue(turn.visit, turn.desk.business_id, turn.opening.conversation_id, since)
            yield counted("person.before_you", place - 1) if place > 1 else text("person.you_are_next")

    def _return(self) -> Iterator[Paragraph]:
        """Say when somebody is there again, if nobody is and that is known."""
        now = clock.now()
        hours = hours_of(self.turn.visit, self.turn.desk.timezone, now)
        opening = None if hours.is_open(now) else hours.next_opening(now)
        if opening is not None:
            yield text("person.back", when=moment(self.turn, opening))
