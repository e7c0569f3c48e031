"""Which language we speak."""

from flows.flow import Entry, Flow, Go, Reply
from flows.reply import reply
from locales.text import text


class Language(Flow):
    """Asks which language to speak."""

    name = "language"
    states = ("choosing",)

    def ask_choosing(self) -> Reply:
        """Offer the languages, each by its own name."""
        return reply(
            text("language.choose"),
            entries=(Entry("arabic", text("language.arabic")), Entry("english", text("language.english"))),
        )


class _Switch(Flow):
    """Speaks another language from now on."""

    name = "switch"
    states = ("switching",)
    language = ""

    def ask_switching(self) -> Go:
        """Say so in the new language, and go on."""
        self.turn.speak(self.language)
        self.turn.first_say(text("language.switched"))
        return Go("menu")


class Arabic(_Switch):
    """Speaks Arabic from now on."""

    name = "arabic"
    language = "ar"


class English(_Switch):
    """Speaks English from now on."""

    name = "english"
    language = "en"
