"""A report that is being made: what is known of it so far."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from domain.causes import Cause, Supply, known_cause, supplies_of
from domain.reports import Report
from domain.senders import SMS
from flows.heard import Location
from flows.known import customer_of
from flows.normalise import normalise
from flows.reply import Entry
from flows.turn import Turn
from locales.text import Code, Name, Text, counted, text

LONGEST_PLACE: Final = 300
# These are faults of a meter's supply: who has one meter need not be asked where.
_AT_THE_METER: Final = ("no_power", "voltage", "meter_fault")


class Draft:
    """What a report's memo holds, and what follows from it.

    `meant` is the fault that the first words named, `kind` the one that was chosen; `meter` a meter's number, `place`
    words, `location` latitude and longitude; `elsewhere` is set once a place was chosen, so that the only meter there
    is no longer goes without saying, and `moved` once it was changed; `name` is a stranger's; `note`, and `pictures`
    as they are stored.
    """

    def __init__(self, turn: Turn, memo: dict[str, Any]) -> None:
        self._turn = turn
        self._memo = memo

    @property
    def kind(self) -> str:
        """The fault."""
        kind: str = self._memo.get("kind") or self._memo["meant"]
        return kind

    @cached_property
    def supplies(self) -> tuple[Supply, ...]:
        """The customer's meters."""
        turn = self._turn
        return supplies_of(turn.visit, turn.desk, turn.opening.contact_id) if turn.accounts else ()

    @property
    def only_meter(self) -> Supply | None:
        """The meter that goes without saying."""
        if self._memo.get("elsewhere") or self.kind not in _AT_THE_METER or len(self.supplies) != 1:
            return None
        return self.supplies[0]

    @property
    def supply(self) -> Supply | None:
        """The meter that it is about."""
        if not self._memo.get("meter"):
            return self.only_meter
        return next((one for one in self.supplies if one.meter_no == self._memo["meter"]), None)

    def named(self, place: str | None) -> Supply | None:
        """Return the meter that `place` names by its number, or by what its owner calls it."""
        said = normalise(place or "")
        names = ((one, (one.meter_no, one.nickname or one.meter_no)) for one in self.supplies)
        return next((one for one, called in names if said in map(normalise, called)), None)

    def put_at(self, meter_no: str | None, place: str | None = None) -> None:
        """Put it at a meter, or at a place."""
        self._memo.update(meter=meter_no, place=place, location=None, elsewhere=True)

    def move(self) -> None:
        """Let the place be asked for once more, even of who has one meter."""
        self._memo.update(meter=self.supply.meter_no if self.supply else None, elsewhere=True, moved=True)

    def pin(self, location: Location) -> None:
        """Keep the location; what the phone calls it is the place where none was told."""
        self._memo["location"] = [location.latitude, location.longitude]
        self._memo["place"] = self._memo.get("place") or location.label[:LONGEST_PLACE] or None

    def known_cause(self) -> Cause | None:
        """Return why the power is off there, if we know it; of a place that is not the customer's own we don't."""
        turn, supply = self._turn, self.supply
        if self.kind != "no_power" or (supply is None and (self.supplies or self._memo.get("moved"))):
            return None
        return known_cause(turn.visit, turn.desk, self._customer_id, supply)

    def meters(self) -> tuple[Entry, ...]:
        """Return the customer's meters to choose from."""
        return tuple(_entry(supply, sms=self._turn.channel == SMS) for supply in self.supplies)

    def summary(self) -> Iterator[Text]:
        """Yield everything that is known, a line each."""
        memo = self._memo
        yield text("report.fault", fault=text(f"fault.{self.kind}"))
        if self.supply is not None:
            yield _meter(self.supply)
        if memo.get("place"):
            yield text("report.place", place=Name(memo["place"]))
        if memo.get("location"):
            yield text("report.location")
        if memo.get("name"):
            yield text("report.reporter", name=Name(memo["name"]))
        if memo.get("note"):
            yield text("report.note", note=Name(memo["note"]))
        if memo.get("pictures"):
            yield counted("report.pictures", len(memo["pictures"]))

    def report(self) -> Report:
        """Return the report, as it becomes a ticket."""
        opening, supply, memo = self._turn.opening, self.supply, self._memo
        return Report(
            self.kind,
            opening.contact_id,
            opening.conversation_id,
            customer_id=self._customer_id,
            meter_id=supply.meter_id if supply else None,
            reporter=memo.get("name"),
            place=memo.get("place"),
            location=(memo["location"][0], memo["location"][1]) if memo.get("location") else None,
            note=memo.get("note"),
            media=memo.get("pictures", []),
        )

    @property
    def _customer_id(self) -> UUID | None:
        return self.supply.customer_id if self.supply else customer_of(self._turn)


def _meter(supply: Supply) -> Text:
    """Return a meter by what its owner calls it, and by its number."""
    number = Code(supply.meter_no)
    if supply.nickname is None:
        return text("balance.meter", meter=number)
    return text("balance.meter_named", name=Name(supply.nickname), meter=number)


def _entry(supply: Supply, *, sms: bool) -> Entry:
    """Return a meter to choose; a list shows its number on a second line, which SMS has not."""
    if sms or supply.nickname is None:
        return Entry("at_meter", _meter(supply), supply.meter_no)
    number = text("balance.meter", meter=Code(supply.meter_no))
    return Entry("at_meter", text("report.meter_name", name=Name(supply.nickname)), supply.meter_no, number)
