"""What the reasons mean why a message failed: for itself, its address, its sender and its campaign.

The codes are those of twilio.com/docs/api/errors, and for mails our own (bot/channels/smtp.py); the words our own. What
is not listed is tried again a few times and told to the staff.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import Flag, auto
from typing import Final

from locales.text import Text


class Deed(Flag):
    """What is done about an error, apart from what happens to the message itself."""

    NOTHING = 0
    OPT_OUT = auto()  # the person wants no messages from this sender
    BAD_ADDRESS = auto()  # nobody is there, on this channel: not tried again for 90 days, or until they write
    PAUSE_SENDER = auto()  # nothing gets through from this number of ours
    STOP_CAMPAIGN = auto()  # its other messages would fare no better
    TELL_STAFF = auto()  # somebody has to do something
    QUIET = auto()  # as it should be: nobody is told


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an error means.

    `reason` is what we call it, wherever it is shown. The message is tried `attempts` times more, the first after
    `wait`, then with growing pauses; then, or at once, the next channel is taken if `fall_back` says that it may help.
    """

    reason: str
    attempts: int = 0
    wait: timedelta = timedelta(0)
    fall_back: bool = False
    deeds: Deed = Deed.NOTHING


TOO_FAST: Final = "too_fast"
UNREACHABLE: Final = "unreachable"

_SECONDS: Final = timedelta(seconds=5)
_MINUTES: Final = timedelta(minutes=5)
_HOURS: Final = timedelta(hours=2)
_DAY: Final = timedelta(days=1)

# Not given up before its deadline: it isn't the message's fault.
_TILL_LATE: Final = 1000

_OURS = Deed.TELL_STAFF
_SENDER = Deed.PAUSE_SENDER | Deed.TELL_STAFF
_TEMPLATE = Deed.STOP_CAMPAIGN | Deed.TELL_STAFF

_TABLE: Final[dict[Meaning, str]] = {
    # The account, or our own number: nothing gets through until somebody mends it.
    Meaning("account_refused", attempts=_TILL_LATE, wait=_MINUTES, deeds=_SENDER): "20003 20005 30002",
    Meaning("sender_not_usable", fall_back=True, deeds=_SENDER): (
        "21212 21603 21606 21607 21659 21701 21702 21703 21704 21705 30018 30024 30032 63001 63002 63007 63008 63020 "
        "63022 63051"
    ),
    Meaning("sender_flagged", fall_back=True, deeds=_SENDER): "63026",
    Meaning("daily_limit", attempts=3, wait=_DAY, deeds=_SENDER): "63038",
    # The request itself was wrong: a fault of ours or of a template's.
    Meaning("bad_request", deeds=_OURS): (
        "20001 20004 20404 21602 21604 21609 21617 21618 21619 21620 21623 21624 21910 30019 11751 63034 63005 63006 "
        "63021 63031 63062"
    ),
    Meaning("template_refused", fall_back=True, deeds=_TEMPLATE): (
        "21654 21655 21656 63013 63027 63028 63030 63040 63041 63042"
    ),
    Meaning("trial_account", deeds=_OURS): "21219 21608 63015",
    # Too much at once: slower.
    Meaning(TOO_FAST, attempts=_TILL_LATE, wait=_SECONDS): "429 20429 14107 21611 30017 30022 30023 63017 63018",
    Meaning("unreachable", attempts=_TILL_LATE, wait=_SECONDS): UNREACHABLE,
    Meaning("expired_in_queue", attempts=2, wait=_MINUTES): "30001",
    # Something on the way failed, and may not fail again.
    Meaning("provider_fault", attempts=2, wait=_MINUTES, fall_back=True): (
        "20500 20503 30020 30021 30410 63009 63010 63011 63012 63019 63023 63029 63037"
    ),
    Meaning("handset_unreachable", attempts=2, wait=_HOURS, fall_back=True): "30003",
    Meaning("unknown_failure", attempts=1, wait=_HOURS, fall_back=True): "30008",
    # The address.
    Meaning("no_such_number", fall_back=True, deeds=Deed.BAD_ADDRESS): "21211 21214 21217 21614 30005 30006",
    Meaning("not_on_whatsapp", fall_back=True, deeds=Deed.BAD_ADDRESS): "63003",
    Meaning("not_reachable_here", fall_back=True): "21612 63024 63032",
    Meaning("country_not_allowed", fall_back=True, deeds=_OURS): "21408",
    Meaning("route_blocked", fall_back=True, deeds=_OURS): "30450",
    # The person.
    Meaning("opted_out", deeds=Deed.OPT_OUT | Deed.QUIET): "21610",
    Meaning("blocked_by_recipient", fall_back=True): "30004 63014 63033",
    Meaning("filtered", fall_back=True): "30007",
    Meaning("window_closed", fall_back=True): "63016 window_closed",
    Meaning("marketing_capped", attempts=2, wait=_DAY): "63049",
    # The mail server: it does not let us in, takes nothing from our address, puts a mail off, or refuses it.
    Meaning("mail_account", attempts=_TILL_LATE, wait=_MINUTES, deeds=_SENDER): "mail_account",
    Meaning("mail_sender", attempts=_TILL_LATE, wait=_MINUTES, deeds=_SENDER): "mail_sender",
    Meaning("mail_later", attempts=_TILL_LATE, wait=_MINUTES): "mail_later",
    Meaning("mail_refused", fall_back=True, deeds=_OURS): "mail_refused",
    Meaning("mail_full", attempts=3, wait=_HOURS, fall_back=True): "mail_full",
    Meaning("mail_address", fall_back=True, deeds=Deed.BAD_ADDRESS): "mail_address",
    # What we ourselves found to stand in the way.
    Meaning("opted_out", deeds=Deed.QUIET): "opted_out",
    Meaning("no_consent", deeds=Deed.QUIET): "no_consent",
    Meaning("send_only_to", deeds=Deed.QUIET): "send_only_to",
    Meaning("no_route"): "no_route",
    Meaning("no_document", deeds=_OURS): "no_document",
    Meaning("canceled"): "canceled",
    Meaning("too_late"): "too_late",
    Meaning("address_invalid", fall_back=True): "address_invalid",
    Meaning("account_not_configured", attempts=_TILL_LATE, wait=_MINUTES, deeds=_SENDER): "account_not_configured",
    # Nobody knows whether it was sent, and sending it twice would be worse.
    Meaning("unsettled", deeds=_OURS): "unsettled",
}


def _entries() -> Iterator[tuple[str, Meaning]]:
    for meaning, codes in _TABLE.items():
        for code in codes.split():
            yield code, meaning


MEANINGS: Final[dict[str, Meaning]] = dict(_entries())

# A code that nobody has told us of: tried again, for it may pass, but not for ever, and the staff hears of it.
UNKNOWN: Final = Meaning("unknown_error", attempts=2, wait=_MINUTES, fall_back=True, deeds=Deed.TELL_STAFF)


def meaning_of(code: str) -> Meaning:
    """Return what Twilio's error `code` means."""
    return MEANINGS.get(code, UNKNOWN)


def text_of(code: str) -> Text:
    """Return in words why a message failed, for the staff."""
    return Text(f"reason.{meaning_of(code).reason}")


REASONS: Final = frozenset(meaning.reason for meaning in (*_TABLE, UNKNOWN))
