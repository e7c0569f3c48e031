"""Tells customers what became of their purchases: over the channel that they used last, and by SMS too if they like."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import structlog

from bot.channels.approved import text_of
from bot.channels.twilio_accounts import Accounts
from bot.saying import NoWay, Recipient, Saying, in_words, letter
from domain.door import Visit
from domain.money import Money
from domain.purchases.shown import ShownPurchase, purchase_of
from domain.senders import SMS
from domain.speaking import speak
from domain.ways import BEST_FIRST
from flows.purchased import token_lines, what_for
from flows.reply import Paragraph, reply
from locales.text import Text, Value, text

log = structlog.get_logger()

# What somebody waits for goes before all else, as an answer does.
_KIND: Final = "reply"


@dataclass(frozen=True, slots=True)
class _Listener:
    business_id: UUID
    customer_id: UUID
    channel: str
    address: str
    language: str
    by_sms: bool
    phone: str | None


# Of the conversations with the address that asked, the one that was used last; and only while it still speaks for the
# customer: a token is money.
_LISTENER: Final = """
    SELECT purchase.business_id, purchase.customer_id, contact.channel, contact.address,
           COALESCE(contact.language, customer.language, business.language), customer.tokens_by_sms, customer.phone
    FROM purchase
    JOIN customer ON customer.id = purchase.customer_id
    JOIN business ON business.id = purchase.business_id
    JOIN conversation AS asked ON asked.id = purchase.conversation_id
    JOIN contact AS asker ON asker.id = asked.contact_id
    JOIN contact ON contact.business_id = purchase.business_id AND contact.address = asker.address
    JOIN speaks_for ON speaks_for.contact_id = contact.id AND speaks_for.customer_id = purchase.customer_id
    JOIN conversation AS talk ON talk.contact_id = contact.id
    WHERE purchase.id = %(purchase_id)s
    ORDER BY talk.last_inbound_at DESC NULLS LAST LIMIT 1
"""
_TO_TELL: Final = """
    SELECT id, tell FROM purchase WHERE tell IS NOT NULL ORDER BY id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
"""
_TOLD: Final = "UPDATE purchase SET tell = NULL WHERE id = %(id)s"


def tell_issued(visit: Visit, accounts: Accounts, purchase_id: UUID) -> None:
    """Send the tokens of a purchase, in the order in which they are entered."""
    purchase = purchase_of(visit, purchase_id)
    said = tuple(token_lines(purchase))
    _tell(visit, accounts, purchase, said, text_of("purchase_ready", **what_for(purchase)), also_by_sms=True)


def tell_refunded(visit: Visit, accounts: Accounts, purchase_id: UUID, back: Money) -> None:
    """Say that no token could be issued, and that the money is in the wallet again."""
    purchase = purchase_of(visit, purchase_id)
    values: dict[str, Value] = {**what_for(purchase), "back": back}
    _tell(visit, accounts, purchase, (text("purchase.refunded", **values),), text_of("purchase_refunded", **values))


def tell_late(visit: Visit, accounts: Accounts, purchase_id: UUID) -> None:
    """Say that it takes longer, and that nothing is lost."""
    purchase = purchase_of(visit, purchase_id)
    values = what_for(purchase)
    _tell(visit, accounts, purchase, (text("purchase.late", **values),), text_of("purchase_late", **values))


def tell_one_waiting(visit: Visit, accounts: Accounts) -> bool:
    """Tell one customer whose money came and whose purchase can't go on. False when there is none."""
    rows = visit.ask(_TO_TELL, {})
    if not rows:
        return False
    purchase_id, about = rows[0]
    purchase = purchase_of(visit, purchase_id)
    values = what_for(purchase)
    said = tuple(_kept(about, values))
    _tell(visit, accounts, purchase, said, text_of("purchase_kept", **values))
    visit.ask(_TOLD, {"id": purchase_id})
    return True


def _kept(about: str, values: dict[str, Value]) -> Iterator[Paragraph]:
    yield text("purchase.kept", **values)
    reasons = {
        "kept_expired": text("purchase.kept_expired"),
        "kept_changed": text("purchase.kept_changed"),
        "kept_vendor_down": text("purchase.kept_vendor_down"),
        "kept_wallet_too_little": text("purchase.kept_too_little"),
    }
    if about in reasons:
        yield reasons[about]


def _tell(
    visit: Visit, accounts: Accounts, purchase: ShownPurchase, said: tuple[Paragraph, ...], short: Text,
    *, also_by_sms: bool = False,
) -> None:  # fmt: skip
    rows = visit.ask(_LISTENER, {"purchase_id": purchase.purchase_id})
    if not rows:
        log.warning("nobody is there to be told of a purchase", purchase_id=str(purchase.purchase_id))
        return
    listener = _Listener(*rows[0])
    template = (short.key.removeprefix("template."), short)
    saying = in_words(_KIND, reply(*said), template, listener.customer_id)
    channels = (listener.channel, *(channel for channel in BEST_FIRST if channel != listener.channel))
    _say(visit, accounts, listener, saying, listener.address, channels)
    if also_by_sms and listener.by_sms and listener.channel != SMS and listener.phone:
        _say(visit, accounts, listener, saying, listener.phone, (SMS,))


def _say(
    visit: Visit, accounts: Accounts, listener: _Listener, saying: Saying, address: str, channels: tuple[str, ...]
) -> None:
    to = Recipient(listener.business_id, address, listener.language, channels)
    try:
        speak(visit, listener.business_id, [letter(visit, accounts, to, saying)])
    except NoWay:
        log.warning("there is no way to tell of a purchase", business_id=str(listener.business_id))
