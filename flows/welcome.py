"""The first time that somebody writes."""

from flows.flow import Entry, Flow, Go, Reply
from flows.reply import reply
from locales.text import Text, text


class Welcome(Flow):
    """Welcomes in both languages and asks which one to speak."""

    name = "welcome"
    states = ("choosing", "chosen")
    script = (
        ("choosing", "arabic", "chosen"),
        ("choosing", "english", "chosen"),
    )

    def ask_choosing(self) -> Reply:
        """Say who we are, and ask in both languages."""
        desk = self.turn.desk
        return reply(
            Text("welcome.choose", {"business": desk.name_ar}, language="ar"),
            Text("welcome.choose", {"business": desk.name_en}, language="en"),
            entries=(Entry("arabic", text("language.arabic")), Entry("english", text("language.english"))),
        )

    def on_arabic(self) -> None:
        """Speak Arabic."""
        self.turn.speak("ar")

    def on_english(self) -> None:
        """Speak English."""
        self.turn.speak("en")

    def ask_chosen(self) -> Go:
        """Greet in the language chosen."""
        return Go("hello")
