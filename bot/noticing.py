"""What a notification says, in words: the same in the console and by e-mail."""

from collections.abc import Mapping
from typing import Any, Final

from locales.catalogue import LANGUAGES, catalogue
from locales.text import Code, Name, Text, counted, text

KINDS: Final = (
    "messages_failed", "sender_paused", "sender_unhealthy", "sender_at_risk", "campaign_paused", "waits_long",
    "answer_late", "answer_missing",
    "balance_low", "vendor_credit_low", "vendor_out_of_credit", "purchase_in_doubt", "payment_astray",
    "payment_pages", "payment_disagrees", "payment_refunded_elsewhere", "refund_refused", "job_failed",
    "instalments_broken", "reconnect_due",
)  # fmt: skip
# Of these it matters how often, or how long.
_COUNTED: Final = {
    "messages_failed": "times", "waits_long": "minutes", "answer_late": "minutes", "answer_missing": "minutes",
}  # fmt: skip
# And of these, who it is about.
_NAMED: Final = frozenset({"answer_late", "answer_missing"})


def told_in(kind: str, times: int, facts: Mapping[str, Any]) -> Text:
    """Return the text of a notification; of a kind that has none, what it is called in code."""
    key = f"notice.{kind}"
    if not catalogue(LANGUAGES[0]).has(key):
        return text("notice.other", kind=Code(kind))
    if kind in _COUNTED:
        about = {"name": Name(facts.get("name", ""))} if kind in _NAMED else {}
        return counted(key, max(int(facts.get(_COUNTED[kind], times)), 1), **about)
    return Text(key)
