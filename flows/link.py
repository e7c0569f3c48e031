"""Somebody wants a number linked to an account: the account number, then a code to the phone on file."""

from domain.codes import DIGITS, RIGHT
from domain.hiding import MASK
from domain.linking import Post, account_number_in, send_code, try_to_link
from flows.flow import Entry, Flow, Go, Reply
from flows.heard import Heard
from flows.normalise import normalise
from flows.reply import reply
from flows.turn import Elsewhere
from locales.text import Code, Name, text


class Link(Flow):
    """Links this contact to an account whose phone on file its owner holds, and goes on with what was wanted.

    What is said is the same whether there is such an account or not, and whether a code could be sent or not.
    """

    name = "link"
    states = ("number", "code", "linked", "closed")
    script = (
        ("number", "sent", "code"),
        ("number", "locked", "closed"),
        ("code", "right", "linked"),
        ("code", "wrong", "code"),
        ("code", "locked", "closed"),
        ("code", "another_code", "code"),
        ("code", "other_account", "number"),
    )
    heard_choices = frozenset({"sent", "locked", "right", "wrong"})
    secret_states = frozenset({"code"})

    def ask_number(self) -> Reply:
        """Ask for the account number."""
        known = bool(self.turn.accounts)
        head = text("link.ask") if known else text("link.ask_unknown", business=self.turn.business_name)
        return reply(head, entries=_ways_out())

    def hear_number(self, heard: Heard) -> str | None:
        """Take what may be an account number, and send a code to its phone."""
        number = account_number_in(heard.text)
        if number is None:
            return None
        self.memo["account"] = number
        self.memo.pop("tried", None)
        return "sent" if self._send() else "locked"

    def ask_code(self) -> Reply:
        """Ask for the code."""
        return reply(
            text("link.try_again") if self.memo.get("tried") else text("link.sent"),
            entries=(
                Entry("another_code", text("link.another_code")),
                Entry("other_account", text("link.other_account")),
                Entry("menu", text("menu.back")),
            ),
        )

    def hear_code(self, heard: Heard) -> str | None:
        """Try what was typed as the code."""
        digits = "".join(letter for letter in normalise(heard.text) if letter.isdigit())
        if len(digits) != DIGITS:
            return None
        turn, number = self.turn, self.memo["account"]
        outcome, customer_id = try_to_link(turn.visit, turn.desk, turn.opening.contact_id, number, digits)
        if outcome == RIGHT:
            turn.accounts_changed()
            turn.talk.customer_id = customer_id
        return outcome

    def on_wrong(self) -> None:
        """Say so."""
        self.memo["tried"] = True
        self.turn.first_say(text("link.wrong"))

    def on_another_code(self) -> None:
        """Send another one. Where wrong tries have locked that, the next try will hear of it."""
        self.memo.pop("tried", None)
        self._send()

    def ask_linked(self) -> Go:
        """Welcome them by their name, and go on with what was wanted."""
        account = self.turn.account
        if account is not None:
            name, number = Name(account.name_in(self.turn.language)), Code(account.account_no)
            self.turn.first_say(text("link.done", name=name, account=number))
        return self.turn.go_on()

    def ask_closed(self) -> Reply:
        """Say that it was too often."""
        return reply(text("link.locked"), entries=_ways_out())

    def _send(self) -> bool:
        turn = self.turn
        post = send_code(turn.visit, turn.desk, turn.opening.contact_id, self.memo["account"])
        if post is None:
            return False
        turn.tell(_letter(post, turn.desk.name_ar, turn.desk.name_en, turn.desk.language))
        return True


def _letter(post: Post, name_ar: str, name_en: str, language: str) -> Elsewhere:
    """Return the message with the code; without its digits where it must not be sent."""
    spoken = post.language or language
    business = name_ar if spoken == "ar" else name_en
    return Elsewhere(
        sender_id=post.sender_id,
        channel=post.channel,
        address=post.address,
        kind="code",
        said=text("link.code", business=business, code=Code(post.digits or MASK)),
        language=spoken,
        customer_id=post.customer_id,
        skipped=None if post.digits else post.refused,
    )


def _ways_out() -> tuple[Entry, ...]:
    return (Entry("agent", text("menu.agent")), Entry("menu", text("menu.back")))
