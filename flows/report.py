"""A customer reports a fault."""

from collections.abc import Iterator
from functools import cached_property
from typing import Final

from domain.businesses import emergency_number_of
from domain.causes import is_about_paying
from domain.reports import file_report
from domain.tickets import FAULTS
from flows.causes import tell_cause
from flows.draft import LONGEST_PLACE, Draft
from flows.flow import Entry, Flow, Go, Reply
from flows.heard import Heard
from flows.known import pictures, written
from flows.normalise import normalise
from flows.reply import Paragraph, reply
from flows.words import meant
from locales.text import Code, text

_LONGEST_NAME: Final = 80
_LONGEST_NOTE: Final = 2000
_MOST_PICTURES: Final = 10


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
        if self._draft.only_meter is not None:
            return self.choose("only_meter")
        entries = self._draft.meters()
        question = text("report.which_meter") if entries else text("report.where")
        return reply(*self._warning(), question, entries=entries)

    def hear_where(self, heard: Heard) -> str | None:
        """Take a location, a meter by what it is called, or any words for the place."""
        place = written(heard, LONGEST_PLACE)
        if heard.location is not None:
            self._draft.put_at(None)
            self._draft.pin(heard.location)
        elif (supply := self._draft.named(place)) is not None:
            self._draft.put_at(supply.meter_no)
        elif place is not None:
            self._draft.put_at(None, place=place)
        else:
            return None
        return "placed"

    def on_at_meter(self) -> None:
        """It is at one of the customer's meters."""
        self._draft.put_at(self.arg)

    # Why

    def ask_cause(self) -> Reply | Go:
        """Tell what we know ourselves of why the power is off, and ask whether to go on."""
        cause = self._draft.known_cause()
        if cause is None:
            return self.choose("no_cause")
        still, away = Entry("still_report", text("report.still")), Entry("menu", text("menu.back"))
        ways = (still, Entry("balance", text("menu.balance")), away) if is_about_paying(cause) else (still, away)
        return reply(tuple(tell_cause(self.turn, cause)), text("report.still_ask"), entries=ways)

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
        if self._draft.kind == "other" and not self.memo.get("note") and not self.memo.get("pictures"):
            return reply(text("report.describe"))
        return reply(text("report.details"), entries=(Entry("skip", text("report.skip")),))

    def hear_details(self, heard: Heard) -> str | None:
        """Take words, photos or a location."""
        note, seen = written(heard), pictures(heard)
        if heard.location is not None:
            self._draft.pin(heard.location)
        elif note is None and not seen:
            return None
        if note is not None and note != self.memo.get("note"):
            self.memo["note"] = "\n".join(filter(None, (self.memo.get("note"), note)))[:_LONGEST_NOTE]
        self.memo["pictures"] = [*self.memo.get("pictures", []), *seen][:_MOST_PICTURES]
        return "added"

    # Send

    def ask_confirm(self) -> Reply:
        """Sum up, and ask whether to send it."""
        return reply(
            (text("report.summary"), *self._draft.summary()),
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
        self._draft.move()

    def on_send_report(self) -> None:
        """Make the ticket, or add to the one that there is."""
        filed = file_report(self.turn.visit, self.turn.desk, self._draft.report())
        self.memo["number"], self.memo["is_new"] = filed.number, filed.is_new

    def ask_sent(self) -> Reply:
        """Tell the number."""
        ticket = Code(f"T-{self.memo['number']}")
        said = text("report.sent" if self.memo["is_new"] else "report.sent_again", ticket=ticket)
        return reply(said, entries=(Entry("tickets", text("menu.tickets")), Entry("menu", text("menu.back"))))

    @cached_property
    def _draft(self) -> Draft:
        return Draft(self.turn, self.memo)

    def _warning(self) -> Iterator[Paragraph]:
        if self._draft.kind == "danger":
            number = emergency_number_of(self.turn.visit)
            yield text("report.keep_away")
            if number is not None:
                yield text("report.call", emergency=Code(number))
