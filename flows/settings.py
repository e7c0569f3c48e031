"""What the customer decides: the language, the notices, the offers."""

from collections.abc import Iterator

from domain.consents import record_consent
from domain.marketing import TOPIC, wants_offers
from flows.flow import Entry, Flow, Reply
from flows.reply import Paragraph, reply
from locales.text import text


class Settings(Flow):
    """Tells how everything is set, and changes it. Offers are a decision that is kept for ever, each change a row."""

    name = "settings"
    states = ("shown",)
    script = (
        ("shown", "offers_on", "shown"),
        ("shown", "offers_off", "shown"),
    )
    looks = frozenset({"shown"})

    def ask_shown(self) -> Reply:
        """Tell how it is set."""
        return reply(text("settings.yours"), self._values(), entries=tuple(self._entries()))

    def on_offers_on(self) -> None:
        """Write the decision down."""
        self._decide(granted=True)
        self.turn.first_say(text("settings.offers_are_on"))

    def on_offers_off(self) -> None:
        """Write the decision down."""
        self._decide(granted=False)
        self.turn.first_say(text("settings.offers_are_off"))

    @property
    def _offers(self) -> bool:
        return wants_offers(self.turn.visit, self.turn.opening.contact_id)

    @property
    def _notices(self) -> bool:
        return self.turn.talk.opted_out_at is None

    def _values(self) -> Paragraph:
        return (
            text("settings.language", language=text("language.name")),
            text("settings.notices_on" if self._notices else "settings.notices_off"),
            text("settings.offers_on" if self._offers else "settings.offers_off"),
        )

    def _entries(self) -> Iterator[Entry]:
        yield Entry("language", text("settings.change_language"))
        yield Entry("optout", text("optout.end")) if self._notices else Entry("optin", text("settings.want_notices"))
        if self._offers:
            yield Entry("offers_off", text("settings.no_offers"))
        else:
            yield Entry("offers_on", text("settings.want_offers"))
        yield Entry("privacy", text("settings.privacy"))
        yield Entry("menu", text("menu.back"))

    def _decide(self, *, granted: bool) -> None:
        if self._offers == granted:
            return
        turn = self.turn
        said = turn.heard.text[:160]
        record_consent(turn.visit, turn.desk, turn.opening.contact_id, granted=granted, evidence=said, topic=TOPIC)
