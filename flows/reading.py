"""A customer sends what the meter shows: of which one, the number, and a photo; what is odd is asked again."""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Final
from uuid import UUID

from domain.readings.taking import BY_SMS, from_customer, judge_readings, take_readings
from domain.senders import SMS
from domain.shown_meters import ShownMeter, meters_of
from flows.amounts import numbers_in
from flows.flow import Entry, Flow, Go, Reply
from flows.heard import Heard
from flows.purchased import meter_called
from flows.reply import reply
from locales.text import Text, text

_MOST: Final = 9
_POSTPAID: Final = "postpaid"
_MOST_KWH: Final = 10**9
# What is not odd by itself is said to be held all the same where anybody could have sent it.
_ODD: Final = frozenset({"lower", "high", "low", "no_use"})


class Reading(Flow):
    """Takes a reading in. What looks wrong is shown once more; sent anyway, it waits for staff."""

    name = "reading"
    states = ("which", "number", "odd", "taken", "none")
    script = (
        ("which", "one_meter", "number"),
        ("which", "only", "number"),
        ("which", "no_meters", "none"),
        ("number", "plain", "taken"),
        ("number", "looks_odd", "odd"),
        ("number", "unclear", "number"),
        ("odd", "send_anyway", "taken"),
        ("odd", "type_again", "number"),
    )
    needs_account = True
    heard_choices = frozenset({"one_meter", "only", "no_meters", "plain", "looks_odd", "unclear"})
    looks = frozenset({"which", "none"})
    confirms = frozenset({"odd"})

    def ask_which(self) -> Reply | Go:
        """Ask of which meter, unless there is only one."""
        if not self._meters:
            return self.choose("no_meters")
        if len(self._meters) == 1:
            self.memo["meter_no"] = self._meters[0].meter_no
            return self.choose("only")
        rows = (Entry("one_meter", _called(one), one.meter_no) for one in self._meters)
        return reply(text("reading.which"), entries=(*rows, Entry("menu", text("menu.back"))))

    def on_one_meter(self) -> None:
        """Remember which one."""
        self.memo["meter_no"] = self.arg

    def ask_number(self) -> Reply | Go:
        """Ask for the number."""
        one = self._chosen
        if one is None:
            return Go("reading")
        return reply(*self._first(), text("reading.number", which=_called(one)))

    def hear_number(self, heard: Heard) -> str | None:
        """Take the number, and a photo that comes with it or alone."""
        if heard.media:
            self.memo["photo"] = heard.media[0].url
        wh = _wh_in(heard.text)
        self.memo["unclear"] = "photo" if wh is None and heard.media else wh is None
        if wh is None:
            return "unclear"
        self.memo["wh"] = wh
        one = self._chosen
        return "looks_odd" if one is not None and self._odd(one.meter_id) else "plain"

    def ask_odd(self) -> Reply | Go:
        """Show it once more, and say why."""
        one = self._chosen
        if one is None or "odd" not in self.memo:
            return Go("reading")
        why = Text(f"reading.{self.memo['odd']}", {})
        entries = (Entry("send_anyway", text("reading.send_anyway")), Entry("type_again", text("reading.type_again")))
        return reply(text("reading.is_it", kwh=_kwh(self.memo["wh"])), why, entries=entries)

    def on_type_again(self) -> None:
        """Forget it."""
        self.memo.pop("wh", None)
        self.memo.pop("unclear", None)

    def on_plain(self) -> None:
        """Take it in."""
        self._take()

    def on_send_anyway(self) -> None:
        """Take it in: staff looks at it."""
        self._take()

    def ask_taken(self) -> Reply | Go:
        """Say what became of it."""
        state = self.memo.get("state")
        if state is None:
            return Go("reading")
        said = text("reading.held" if state == "held" else "reading.taken", kwh=_kwh(self.memo["wh"]))
        return reply(said, *self._used(), entries=(Entry("menu", text("menu.back")),))

    def ask_none(self) -> Reply:
        """Say that there is no meter to read."""
        return reply(text("reading.none"), entries=(Entry("menu", text("menu.back")),))

    def _first(self) -> Iterator[Text]:
        unclear = self.memo.get("unclear")
        if unclear:
            yield text("reading.photo_alone" if unclear == "photo" else "reading.unclear")

    def _used(self) -> Iterator[Text]:
        used = self.memo.get("used")
        if used is not None and self.memo.get("state") != "held":
            yield text("reading.used", kwh=_kwh(used))

    def _odd(self, meter_id: UUID) -> bool:
        taken = from_customer(meter_id, self.memo["wh"], None, None)
        ((_, verdict),) = judge_readings(self.turn.visit, [taken])
        self.memo["odd"] = verdict.judged.odd
        return verdict.judged.odd in _ODD

    def _take(self) -> None:
        one = self._chosen
        if one is None:
            return
        doubt = BY_SMS if self.turn.channel == SMS else None
        taken = from_customer(one.meter_id, self.memo["wh"], self.memo.get("photo"), doubt)
        (kept,) = take_readings(self.turn.visit, self.turn.desk.business_id, [taken])
        self.memo["state"], self.memo["used"] = kept.state, kept.used_wh

    @property
    def _meters(self) -> list[ShownMeter]:
        account = self.turn.account
        assert account is not None  # noqa: S101  the engine sees to it: this flow needs an account
        found = meters_of(self.turn.visit, account.customer_id, 2 * _MOST)
        return [one for one in found if one.kind == _POSTPAID][:_MOST]

    @property
    def _chosen(self) -> ShownMeter | None:
        return next((one for one in self._meters if one.meter_no == self.memo.get("meter_no")), None)


def _called(one: ShownMeter) -> Text:
    return meter_called(one.meter_no, one.nickname)


def _kwh(wh: int) -> Decimal:
    value = Decimal(wh).scaleb(-3)
    whole = value.to_integral_value()
    return whole if whole == value else value.normalize()


def _wh_in(said: str) -> int | None:
    """Return the one number that stands in what was said, as Wh; None where there is none, or more than one."""
    figures = numbers_in(said)
    if len(figures) != 1:
        return None
    try:
        kwh = Decimal(figures[0].replace(",", ""))
    except InvalidOperation:
        return None
    return int(kwh.scaleb(3)) if 0 <= kwh <= _MOST_KWH else None
