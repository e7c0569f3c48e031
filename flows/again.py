"""Somebody comes back to something that was left half done."""

from flows.flow import Entry, Flow, Go, Reply
from flows.reply import reply
from locales.text import text


class Again(Flow):
    """Greets, and asks whether to go on where it was left or to start over."""

    name = "again"
    states = ("asking", "continued", "restarted")
    script = (
        ("asking", "go_on", "continued"),
        ("asking", "start_over", "restarted"),
    )

    def ask_asking(self) -> Reply:
        """Ask."""
        return reply(
            text("again.ask"),
            entries=(Entry("go_on", text("again.go_on")), Entry("start_over", text("again.start_over"))),
        )

    def ask_continued(self) -> Go:
        """Go back to where it was left."""
        left = self.memo
        return Go(left["flow"], left["memo"], left["state"])

    def ask_restarted(self) -> Go:
        """Begin at the beginning."""
        return Go("hello")
