"""Mails somebody of staff what lets them set a password."""

from typing import Final

from bot.channels.twilio_accounts import Accounts
from bot.saying import NoWay, Recipient, in_words, letter
from domain.door import Visit
from domain.senders import EMAIL
from domain.speaking import speak
from domain.staff import Staff
from flows.reply import reply
from locales.text import Code, Name, Text, text

# Like a one-time code it stands in its message only while that has to be sent, and is shown to nobody.
_KIND: Final = "code"


def mail_token(visit: Visit, accounts: Accounts, somebody: Staff, purpose: str, token: str) -> bool:
    """Put the mail into the outbox, and tell whether there is one: not where no mails are sent.

    Whoever commits rings the bell of mails then.
    """
    said = reply(
        text("mail.dear", name=Name(somebody.name)),
        Text(f"staff.{purpose}"),
        text("staff.token", token=Code(token)),
        text("staff.nobody_else"),
    )
    saying = in_words(_KIND, said, subject=Text(f"staff.{purpose}_subject"))
    try:
        to = Recipient(somebody.business_id, None, somebody.language, (EMAIL,), somebody.email)
        written = letter(visit, accounts, to, saying)
    except NoWay:
        return False
    speak(visit, somebody.business_id, [written])
    return written.status == "queued"
