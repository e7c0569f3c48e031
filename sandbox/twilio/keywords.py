"""What carriers do with STOP, START and HELP on SMS, before the service hears of it."""

from sandbox.twilio.books import Books

_STOP = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
_START = frozenset({"START", "YES", "UNSTOP"})
_HELP = frozenset({"HELP", "INFO"})

_STOPPED = (
    "You have successfully been unsubscribed. You will not receive any more messages from this number. "
    "Reply START to resubscribe."
)
_STARTED = (
    "You have successfully been re-subscribed to messages from this number. Reply HELP for help. "
    "Reply STOP to unsubscribe. Msg&Data Rates May Apply."
)
_HELPED = "Reply STOP to unsubscribe. Msg&Data Rates May Apply."


def obey_keyword(books: Books, company: str, person: str, body: str) -> str | None:
    """Blocks or opens the pair; returns what the carrier answers, if it does."""
    word = body.strip().upper()
    if word in _STOP:
        return _STOPPED if books.block(company, person) else None
    if word in _START:
        return _STARTED if books.unblock(company, person) else None
    return _HELPED if word in _HELP else None
