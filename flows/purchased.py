"""How a purchase is told of: what it was for, and its tokens, each on a line of its own."""

from collections.abc import Iterator

from domain.purchases.shown import ShownPurchase
from domain.vendors.results import TokenKind
from flows.reply import Paragraph
from locales.text import Code, Name, Text, Value, group, text


def meter_called(meter_no: str, nickname: str | None) -> Text:
    """Return what a meter is called within a sentence."""
    return text("purchase.named", name=Name(nickname)) if nickname else text("purchase.numbered", meter=Code(meter_no))


def what_for(purchase: ShownPurchase) -> dict[str, Value]:
    """Return what a purchase was for, as texts name it."""
    return {
        "which": meter_called(purchase.meter_no, purchase.nickname),
        "paid": purchase.paid,
        "kwh": purchase.kwh,
    }


def token_lines(purchase: ShownPurchase) -> Iterator[Paragraph]:
    """Yield the tokens, in the order in which they are entered: key changes first, and what they are for."""
    keys = [token for token in purchase.tokens if token.kind is TokenKind.KEY_CHANGE]
    credit = [token for token in purchase.tokens if token.kind is TokenKind.CREDIT]
    head = text("purchase.issued", **what_for(purchase))
    if keys:
        yield head
        yield (text("purchase.first_keys"), *(_line(token.digits) for token in keys))
        yield (text("purchase.then_credit"), *(_line(token.digits) for token in credit))
    elif len(credit) > 1:
        yield head
        yield (text("purchase.in_order"), *(_line(token.digits) for token in credit))
    else:
        yield (head, *(_line(token.digits) for token in credit))


def _line(digits: str) -> Text:
    return text("purchase.token", token=group(digits))
