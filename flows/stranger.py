"""Somebody whom we don't know asks for what only a customer can have."""

from flows.flow import Flow, Go


class Stranger(Flow):
    """Leads whoever is on no account, or no longer, to where this can be changed."""

    name = "stranger"
    states = ("unknown",)

    def ask_unknown(self) -> Go:
        """Ask which account it is."""
        return Go("link")
