"""Somebody's meter does not take a token: what it was for, what may be wrong, and a ticket if that does not help."""

from domain.purchases.shown import purchase_with
from domain.sts.digits import from_digits
from domain.sts.errors import StsError
from domain.vendors.results import TokenKind
from flows.flow import Entry, Flow, Go, Reply
from flows.heard import Heard
from flows.normalise import normalise
from flows.purchased import token_lines, what_for
from flows.reply import reply
from locales.text import Text, counted, text

_LENGTH = 20


class TokenTrouble(Flow):
    """Takes the digits, says whether they are one of this customer's tokens, and for which meter."""

    name = "token_trouble"
    states = ("asking", "known", "unknown", "reported")
    script = (
        ("asking", "ours", "known"),
        ("asking", "not_ours", "unknown"),
        ("asking", "again", "asking"),
        ("known", "report_token", "reported"),
        ("unknown", "other_digits", "asking"),
        ("unknown", "report_token", "reported"),
    )
    needs_account = True
    heard_choices = frozenset({"ours", "not_ours", "again"})

    def ask_asking(self) -> Reply:
        """Ask for the digits."""
        return reply(text("trouble.digits"), entries=(Entry("tokens", text("trouble.see_tokens")),))

    def hear_asking(self, heard: Heard) -> str | None:
        """Take the digits, however they are grouped."""
        digits = "".join(letter for letter in normalise(heard.text) if letter.isdigit())
        if not digits:
            return None
        wrong = _wrong_with(digits)
        if wrong is not None:
            self.turn.first_say(wrong)
            return "again"
        account = self.turn.account
        known = purchase_with(self.turn.visit, account.customer_id, digits) if account else None
        if known is None:
            return "not_ours"
        self.memo["digits"] = digits
        return "ours"

    def ask_known(self) -> Reply | Go:
        """Say which meter it is for, and what usually is the reason."""
        account = self.turn.account
        known = purchase_with(self.turn.visit, account.customer_id, self.memo["digits"]) if account else None
        if known is None:
            return Go("tokens")
        token = next(one for one in known.tokens if one.digits == self.memo["digits"])
        keys = any(one.kind is TokenKind.KEY_CHANGE for one in known.tokens)
        values = what_for(known)
        is_key = token.kind is TokenKind.KEY_CHANGE
        head = text("trouble.is_key", **values) if is_key else text("trouble.is_yours", **values)
        hints = (text("trouble.used"), text("trouble.retype"), *((text("trouble.keys_first"),) if keys else ()))
        entries = (Entry("report_token", text("trouble.report")), Entry("menu", text("menu.back")))
        return reply(head, hints, *token_lines(known), entries=entries)

    def ask_unknown(self) -> Reply:
        """Say that it is none of theirs."""
        entries = (
            Entry("other_digits", text("trouble.other_digits")),
            Entry("tokens", text("trouble.see_tokens")),
            Entry("report_token", text("trouble.report")),
            Entry("menu", text("menu.back")),
        )
        return reply(text("trouble.unknown"), entries=entries)

    def ask_reported(self) -> Go:
        """Go on with a report of the meter."""
        return Go("report", {"meant": "meter_fault"})


def _wrong_with(digits: str) -> Text | None:
    """Return what is wrong with the digits themselves, whosever token it is."""
    if len(digits) != _LENGTH:
        return counted("trouble.length", len(digits))
    try:
        from_digits(digits)
    except StsError:
        return text("trouble.no_token")
    return None
