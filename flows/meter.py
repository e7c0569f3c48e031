"""The customer's meters: their numbers, and, where a vendor reports it, how each is and what is left on it."""

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from domain.purchases.questions import ask_meter
from domain.shown_meters import ShownMeter, let_remind, meters_of
from flows.flow import Entry, Flow, Go, Reply
from flows.purchased import meter_called
from flows.reply import Paragraph, reply
from locales.text import Code, Name, Text, text

_MOST: Final = 20
_VENDING: Final = "vending"


class Meter(Flow):
    """Tells the number, the name and the kind of each meter, and asks the vendor about the one that is chosen."""

    name = "meter"
    states = ("shown", "chosen", "asked", "changed")
    needs_account = True
    script = (
        ("shown", "one_meter", "chosen"),
        ("chosen", "ask_meter", "asked"),
        ("chosen", "remind_on", "changed"),
        ("chosen", "remind_off", "changed"),
    )
    heard_choices = frozenset({"one_meter"})
    looks = frozenset({"shown", "chosen"})

    def ask_shown(self) -> Reply:
        """Tell them."""
        return reply(*self._paragraphs(), entries=tuple(self._entries()))

    def on_one_meter(self) -> None:
        """Remember which one."""
        self.memo["meter_no"] = self.arg

    def ask_chosen(self) -> Reply | Go:
        """Tell what can be done with it."""
        one = self._chosen
        if one is None:
            return Go("meter")
        remind = Entry("remind_off", text("meter.remind_off")) if one.reminds else Entry(
            "remind_on", text("meter.remind_on"))  # fmt: skip
        entries = (
            Entry("ask_meter", text("meter.ask")),
            *((Entry("buy", text("menu.buy")),) if one.kind == "prepaid" else ()),
            *((remind,) if one.kind == "prepaid" else ()),
            Entry("menu", text("menu.back")),
        )
        return reply(_line(one), entries=entries)

    def on_ask_meter(self) -> None:
        """Write the question down; the answer comes by itself."""
        one, turn = self._chosen, self.turn
        if one is None:
            return
        asked: dict[str, Any] = {"business_id": turn.desk.business_id, "meter_id": one.meter_id}
        asked |= {"conversation_id": turn.opening.conversation_id, "customer_id": self._customer_id}
        ask_meter(turn.visit, asked)
        turn.wake(_VENDING)

    def ask_asked(self) -> Reply | Go:
        """Say that the meter is being asked."""
        one = self._chosen
        if one is None:
            return Go("meter")
        said = text("meter.asking", which=meter_called(one.meter_no, one.nickname))
        return reply(said, entries=(Entry("meter", text("meter.all")), Entry("menu", text("menu.back"))))

    def on_remind_on(self) -> None:
        """They want to be reminded."""
        self._remind(wanted=True)

    def on_remind_off(self) -> None:
        """They don't."""
        self._remind(wanted=False)

    def ask_changed(self) -> Reply | Go:
        """Say how it is now."""
        one = self._chosen
        if one is None:
            return Go("meter")
        said = text("meter.reminds" if one.reminds else "meter.reminds_not", which=_called(one))
        return reply(said, entries=(Entry("meter", text("meter.all")), Entry("menu", text("menu.back"))))

    @property
    def _customer_id(self) -> UUID:
        account = self.turn.account
        assert account is not None  # noqa: S101  the engine sees to it: this flow needs an account
        return account.customer_id

    @property
    def _chosen(self) -> ShownMeter | None:
        found = meters_of(self.turn.visit, self._customer_id, _MOST)
        return next((one for one in found if one.meter_no == self.memo.get("meter_no")), None)

    def _remind(self, *, wanted: bool) -> None:
        one = self._chosen
        if one is not None:
            let_remind(self.turn.visit, one.meter_id, wanted=wanted)

    def _paragraphs(self) -> Iterator[Paragraph]:
        found = meters_of(self.turn.visit, self._customer_id, _MOST + 1)
        if not found:
            yield text("meter.none")
            return
        yield (text("meter.yours"), *(_line(one) for one in found[:_MOST]))
        if len(found) > _MOST:
            yield text("meter.others")

    def _entries(self) -> Iterator[Entry]:
        for one in meters_of(self.turn.visit, self._customer_id, _MOST):
            if one.network == "sts":
                yield Entry("one_meter", _called(one), one.meter_no)
        if any(one.kind == "postpaid" for one in meters_of(self.turn.visit, self._customer_id, _MOST)):
            yield Entry("reading", text("reading.send"))
        if len(self.turn.accounts) > 1:
            yield Entry("accounts", text("menu.accounts"))
        yield Entry("menu", text("menu.back"))


def _called(one: ShownMeter) -> Text:
    return meter_called(one.meter_no, one.nickname)


def _line(one: ShownMeter) -> Text:
    kind = text(_kind(one))
    if one.nickname is None:
        return text("meter.line", meter=Code(one.meter_no), kind=kind)
    return text("meter.line_named", name=Name(one.nickname), meter=Code(one.meter_no), kind=kind)


def _kind(one: ShownMeter) -> str:
    if one.kind == "prepaid":
        return "meter.prepaid"
    return "meter.postpaid"
