"""Somebody says hello."""

from flows.flow import Flow, Go
from locales.text import Name, text


class Hello(Flow):
    """Greets by name, once a language is known; the first time, that is asked."""

    name = "hello"
    states = ("greeting",)

    def ask_greeting(self) -> Go:
        """Greet, and show what can be done here."""
        turn = self.turn
        if not turn.language_chosen:
            return Go("welcome")
        if turn.account is None:
            turn.first_say(text("hello.anybody", business=turn.business_name))
        else:
            name = Name(turn.account.name_in(turn.language))
            turn.first_say(text("hello.customer", name=name, business=turn.business_name))
        return Go("menu")
