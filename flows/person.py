"""Somebody wants to talk to a person."""

from domain import clock
from flows.flow import Entry, Flow, Reply
from flows.reply import reply
from locales.text import text


class Person(Flow):
    """Notes that a person is wanted, and says so."""

    name = "person"
    states = ("noted",)

    def ask_noted(self) -> Reply:
        """Note it once, and promise no more than that."""
        talk = self.turn.talk
        again = talk.person_wanted_at is not None
        talk.person_wanted_at = talk.person_wanted_at or clock.now()
        return reply(
            text("person.noted_already" if again else "person.noted"),
            entries=(Entry("menu", text("menu.back")),),
        )
