"""The customer's meters."""

from collections.abc import Iterator
from typing import Final

from domain.shown_meters import ShownMeter, meters_of
from flows.flow import Entry, Flow, Reply
from flows.reply import Paragraph, reply
from locales.text import Code, Name, Text, text

_MOST: Final = 20


class Meter(Flow):
    """Tells the number, the name and the kind of each meter."""

    name = "meter"
    states = ("shown",)
    needs_account = True

    def ask_shown(self) -> Reply:
        """Tell them."""
        return reply(*self._paragraphs(), entries=tuple(self._entries()))

    def _paragraphs(self) -> Iterator[Paragraph]:
        turn = self.turn
        assert turn.account is not None  # noqa: S101  the engine sees to it: this flow needs an account
        found = meters_of(turn.visit, turn.account.customer_id, _MOST + 1)
        if not found:
            yield text("meter.none")
            return
        yield (text("meter.yours"), *(_line(one) for one in found[:_MOST]))
        if len(found) > _MOST:
            yield text("meter.others")

    def _entries(self) -> Iterator[Entry]:
        if len(self.turn.accounts) > 1:
            yield Entry("accounts", text("menu.accounts"))
        yield Entry("menu", text("menu.back"))


def _line(one: ShownMeter) -> Text:
    kind = text(_kind(one))
    if one.nickname is None:
        return text("meter.line", meter=Code(one.meter_no), kind=kind)
    return text("meter.line_named", name=Name(one.nickname), meter=Code(one.meter_no), kind=kind)


def _kind(one: ShownMeter) -> str:
    if one.kind == "prepaid":
        return "meter.prepaid"
    return "meter.postpaid"
