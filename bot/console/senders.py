"""Senders: the numbers of the business, how fast they send, and whether."""

from typing import Any
from uuid import UUID

from bot.api.senders import change_sender, list_senders, show_sender
from bot.console.readers import Reader
from bot.console.sections import SYSTEM, Section

senders = Section()


@senders.page("/senders", title="console.senders", template="senders.html", menu=SYSTEM)
def sender_list(reader: Reader) -> dict[str, Any]:
    """List the senders."""
    return {"found": reader.listing(list_senders)}


@senders.page("/senders/<uuid:sender_id>", title="console.sender", template="sender.html")
def sender_page(reader: Reader, sender_id: UUID) -> dict[str, Any]:
    """Show a sender, and let who may change it."""
    return {"shown": reader.ask(show_sender, sender_id=sender_id), "may_change": reader.may(change_sender)}


senders.form("/senders/<uuid:sender_id>", does=change_sender, on=sender_page, done="saved")
