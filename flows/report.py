"""A customer reports a fault."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final

from domain.businesses import emergency_number_of
from domain.causes import Cause, Supply, is_about_paying, known_cause, supplies_of
from domain.reports import Report as Reported
from domain.reports import file_report
from domain.senders import SMS
from domain.tickets import FAULTS
from flows.causes import tell_cause
from flows.flow import Entry, Flow, Go, Reply
from flows.heard import LOCATION, Heard
from flows.known import customer_of, pictures, written
from flows.normalise import normalise
from flows.reply import Paragraph, reply
from flows.words import meant
from locales.text import Code, Name, Text, counted, text

_LONGEST_PLACE: Final = 300
_LONGEST_NAME: Final = 80
_MOST_PICTURES: Final = 10
# These are faults of a meter's supply: who has one meter need not be asked where.
_AT_THE_METER: Final = ("no_power", "voltage", "meter_fault")


class Report(Flow):
    """Asks what, where, and for more; tells what we know ourselves; and makes a ticket of it."""

    name = "report"
    states = ("what", "where", "cause", "name", "details", "confirm", "sent")
    script = (
        *(("what", fault, "where") for fault in FAULTS),
        ("what", "described", "where"),
        ("where", "at_meter", "cause"),
        ("where", "only_meter", "cause"),
        ("where", "placed", "cause"),
        ("cause", "still_report", "name"),
        ("cause", "no_cause", "name"),
        ("name", "named", "details"),
        ("name", "known", "details"),
        ("details", "added", "confirm"),
        ("details", "skip", "confirm"),
        ("confirm", "added", "confirm"),
        ("confirm", "change_place", "where"),
        ("confirm", "send_report", "sent"),
    )
    heard_choices = frozenset(
        {"described", "at_meter", "only_meter", "placed", "no_cause", "named", "known", "added"},
    )

    # What

    def ask_what(self) -> Reply | Go:
        """Ask what is wrong, unless the customer's first words said it."""
        if "meant" in self.memo:
            return self.choose("described")
        return reply(text("report.what"), entries=tuple(Entry(fault, text(f"fault.{fault}")) for fault in FAULTS))

    def hear_what(self, heard: Heard) -> str | None:
        """Take what is described, or shown, for the fault that its words name, or for another."""
        self.memo["note"], self.memo["pictures"] = written(heard), pictures(heard)
        self.memo["kind"] = meant(normalise(self.memo["note"] or ""), FAULTS) or "other"
        return "described" if self.memo["note"] or self.memo["pictures"] else None

    def on_no_power(self) -> None:
        """There is no power."""
        self.memo["kind"] = "no_power"

    def on_voltage(self) -> None:
        """The voltage is weak, or flickers."""
        self.memo["kind"] = "voltage"

    def on_meter_fault(self) -> None:
        """The meter is at fault."""
        self.memo["kind"] = "meter_fault"

    def on_danger(self) -> None:
        """There is danger."""
        self.memo["kind"] = "danger"

    def on_other(self) -> None:
        """It is something else."""
        self.memo["kind"] = "other"

    # Where

    def ask_where(self) -> Reply | Go:
        """Ask where it is; first of all who is near a danger is told to keep away."""
        if self._only_meter is not None and not self.memo.get("elsewhere"):
            return self.choose("only_meter")
        entries = tuple(_entry(supply, sms=self.turn.channel == SMS) for supply in self._supplies)
        question = text("report.which_meter") if entries else text("report.where")
        return reply(*self._warning(), question, entries=entries)

    def hear_where(self, heard: Heard) -> str | None:
        """Take a location, a meter by what it is called, or any words for the place."""
        place = written(heard, _LONGEST_PLACE)
        if heard.kind == LOCATION and heard.location is not None:
            self._locate(heard)
        elif (supply := self._named(place)) is not None:
            self._put_at(supply.meter_no)
        elif place is not None:
            self._put_at(None, place=place)
        else:
            return None
        return "placed"

    def on_at_meter(self) -> None:
        """It is at one of the customer's meters."""
        self._put_at(self.arg)

    # Why

    def ask_cause(self) -> Reply | Go:
        """Tell what we know ourselves of why the power is off, and ask whether to go on."""
        cause = self._known_cause()
        if cause is None:
            return self.choose("no_cause")
        still, away = Entry("still_report", text("report.still")), Entry("menu", text("menu.back"))
        ways = (still, Entry("balance", text("menu.balance")), away) if is_about_paying(cause) else (still, away)
        return reply(tuple(tell_cause(self.turn, cause)), text("report.still_ask"), entries=ways)

    def on_still_report(self) -> None:
        """It was told, and need not be told again."""
        self.memo["told"] = True

    # Who

    def ask_name(self) -> Reply | Go:
        """Ask a stranger's name."""
        return self.choose("known") if self.turn.accounts else reply(text("report.name"))

    def hear_name(self, heard: Heard) -> str | None:
        """Take any words for a name."""
        self.memo["name"] = written(heard, _LONGEST_NAME)
        return "named" if self.memo["name"] else None

    # More

    def ask_details(self) -> Reply:
        """Ask for a line or a photo, which may be left out unless nothing at all was said yet."""
        if self._kind == "other" and not self.memo.get("note") and not self.memo.get("pictures"):
            return reply(text("report.describe"))
        return reply(text("report.details"), entries=(Entry("skip", text("report.skip")),))

    def hear_details(self, heard: Heard) -> str | None:
        """Take words, photos or a location."""
        note, seen = written(heard), pictures(heard)
        if heard.location is not None:
            self._pin(heard)
        elif note is None and not seen:
            return None
        if note is not None and note != self.memo.get("note"):
            self.memo["note"] = "\n".join(filter(None, (self.memo.get("note"), note)))
        self.memo["pictures"] = [*self.memo.get("pictures", []), *seen][:_MOST_PICTURES]
        return "added"

    # Send

    def ask_confirm(self) -> Reply:
        """Sum up, and ask whether to send it."""
        return reply(
            (text("report.summary"), *self._summary()),
            entries=(
                Entry("send_report", text("report.send")),
                Entry("change_place", text("report.elsewhere")),
                Entry("leave", text("report.drop")),
            ),
        )

    def hear_confirm(self, heard: Heard) -> str | None:
        """Take one more photo, or the location."""
        return self.hear_details(heard) if heard.location is not None or pictures(heard) else None

    def on_change_place(self) -> None:
        """Ask where it is once more, even of who has one meter."""
        if self._supply is not None:
            self.memo["meter"] = self._supply.meter_no
        self.memo["elsewhere"] = True

    def on_send_report(self) -> None:
        """Make the ticket, or add to the one that there is."""
        filed = file_report(self.turn.visit, self.turn.desk, self._report())
        self.memo["number"], self.memo["is_new"] = filed.number, filed.is_new

    def ask_sent(self) -> Reply:
        """Tell the number."""
        ticket = Code(f"T-{self.memo['number']}")
        said = text("report.sent" if self.memo["is_new"] else "report.sent_again", ticket=ticket)
        return reply(said, entries=(Entry("tickets", text("menu.tickets")), Entry("menu", text("menu.back"))))

    # What is known so far

    @property
    def _kind(self) -> str:
        kind: str = self.memo.get("kind") or self.memo["meant"]
        return kind

    @cached_property
    def _supplies(self) -> tuple[Supply, ...]:
        turn = self.turn
        return supplies_of(turn.visit, turn.desk, turn.opening.contact_id) if turn.accounts else ()

    @property
    def _only_meter(self) -> Supply | None:
        return self._supplies[0] if self._kind in _AT_THE_METER and len(self._supplies) == 1 else None

    @property
    def _supply(self) -> Supply | None:
        """The meter that it is about."""
        if self.memo.get("meter"):
            return next((one for one in self._supplies if one.meter_no == self.memo["meter"]), None)
        return None if self.memo.get("elsewhere") else self._only_meter

    def _named(self, place: str | None) -> Supply | None:
        said = normalise(place or "")
        names = ((one, (one.meter_no, one.nickname or one.meter_no)) for one in self._supplies)
        return next((one for one, called in names if said in map(normalise, called)), None)

    def _put_at(self, meter_no: str | None, place: str | None = None) -> None:
        self.memo.update(meter=meter_no, place=place, location=None, elsewhere=True)

    def _locate(self, heard: Heard) -> None:
        self._put_at(None)
        self._pin(heard)

    def _pin(self, heard: Heard) -> None:
        """Keep the location; what the phone calls it is the place where none was told."""
        if heard.location is not None:
            self.memo["location"] = [heard.location.latitude, heard.location.longitude]
            self.memo["place"] = self.memo.get("place") or heard.location.label[:_LONGEST_PLACE] or None

    def _known_cause(self) -> Cause | None:
        turn, supply = self.turn, self._supply
        if self._kind != "no_power" or self.memo.get("told") or (supply is None and self._supplies):
            return None  # it is about another fault, or about a place that is not the customer's own
        customer_id = supply.customer_id if supply else customer_of(turn)
        return known_cause(turn.visit, turn.desk, customer_id, supply)

    def _warning(self) -> Iterator[Paragraph]:
        if self._kind == "danger":
            number = emergency_number_of(self.turn.visit)
            yield text("report.keep_away")
            if number is not None:
                yield text("report.call", emergency=Code(number))

    def _summary(self) -> Iterator[Text]:
        memo = self.memo
        yield text("report.fault", fault=text(f"fault.{self._kind}"))
        if self._supply is not None:
            yield _meter(self._supply)
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

    def _report(self) -> Reported:
        turn, supply, memo = self.turn, self._supply, self.memo
        location: list[float] | None = memo.get("location")
        return Reported(
            self._kind,
            turn.opening.contact_id,
            turn.opening.conversation_id,
            customer_id=supply.customer_id if supply else customer_of(turn),
            meter_id=supply.meter_id if supply else None,
            reporter=memo.get("name"),
            place=memo.get("place"),
            location=(location[0], location[1]) if location else None,
            note=memo.get("note"),
            media=memo.get("pictures", []),
        )


class _Said(Flow):
    """Begins a report with what the first words have said."""

    name = "said"
    states = ("saying",)
    fault = ""

    def ask_saying(self) -> Go:
        """Go on with the report."""
        memo: dict[str, Any] = {"meant": self.fault}
        return Go("report", memo)


class NoPower(_Said):
    """Somebody says that there is no power."""

    name = "no_power"
    fault = "no_power"


class Danger(_Said):
    """Somebody says that there is danger."""

    name = "danger"
    fault = "danger"


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
