"""A customer pauses a subscription."""

from datetime import date, timedelta

from domain.subscriptions import changing
from domain.subscriptions.history import By, Change, Why
from domain.subscriptions.holding import Holding
from domain.subscriptions.rules import Refused, Wish, check_pause, past_of
from domain.subscriptions.states import PAUSE, may
from domain.subscriptions.term import resume_day
from flows.dates import day_in
from flows.echo import CODE_CHOICES, STEPS
from flows.flow import Entry, Go, Reply
from flows.heard import Heard
from flows.holding import OneSubscription
from flows.reply import reply
from locales.text import Code, Value, text

_REASONS = ("travel", "moving", "cost", "other_reason")


class Pause(OneSubscription):
    """Asks from when until when and why, shows the new last day of service, and pauses."""

    name = "pause"
    states = ("which", "when", "until", "why", "confirm", "code", "done", "refused")
    needs_account = True
    script = (
        ("which", "one", "when"),
        ("which", "only", "when"),
        ("which", "none", "refused"),
        ("when", "today", "until"),
        ("when", "dated", "until"),
        ("when", "again", "when"),
        ("when", "no", "refused"),
        ("until", "open_end", "why"),
        ("until", "dated", "why"),
        ("until", "again", "until"),
        *(("why", reason, "confirm") for reason in _REASONS),
        ("confirm", "confirm_pause", "code"),
        *STEPS,
    )
    heard_choices = CODE_CHOICES | {"one", "only", "none", "dated", "again", "no"}
    confirms = frozenset({"confirm", "code"})
    nothing_suits = text("pause.nothing")

    def suits(self, held: Holding) -> bool:
        """Only what runs can be paused."""
        return may(held.term.status, PAUSE)

    def ask_when(self) -> Reply | Go:
        """Ask from when on; or say at once that it can't be."""
        held = self.held
        if held is None or not self._may_be(Wish()):
            return self.choose("no")
        example = Code(f"{self.turn.today + timedelta(days=7):%d/%m}")
        said = text("pause.when", plan=self.plan_of(held), example=example)
        return reply(said, entries=(Entry("today", text("pause.today")), Entry("menu", text("menu.back"))))

    def on_today(self) -> None:
        """From now on."""
        self.memo["from"] = None

    def hear_when(self, heard: Heard) -> str | None:
        """Take a day."""
        day = day_in(heard.text, self.turn.today)
        if day is None:
            return None
        if not self._may_be(Wish(day)):
            self.turn.first_say(self.refusal())
            return "again"
        self.memo["from"] = day.isoformat()
        return "dated"

    def ask_until(self) -> Reply:
        """Ask until when."""
        example = Code(f"{(self.wish.start or self.turn.today) + timedelta(days=14):%d/%m}")
        return reply(
            text("pause.until", example=example), entries=(Entry("open_end", text("pause.open_end")),)
        )  # fmt: skip

    def on_open_end(self) -> None:
        """Until they resume it."""
        self.memo["until"] = None
        self.memo.pop("refused", None)

    def hear_until(self, heard: Heard) -> str | None:
        """Take a day."""
        day = day_in(heard.text, self.wish.start or self.turn.today)
        if day is None:
            return None
        if not self._may_be(Wish(self.wish.start, day)):
            self.turn.first_say(self.refusal())
            return "again"
        self.memo["until"] = day.isoformat()
        return "dated"

    def ask_why(self) -> Reply:
        """Ask why."""
        return reply(
            text("pause.why"), entries=tuple(Entry(reason, text(f"pause.{reason}")) for reason in _REASONS)
        )  # fmt: skip

    def on_travel(self) -> None:
        """They travel."""
        self.memo["reason"] = "travel"

    def on_moving(self) -> None:
        """They move."""
        self.memo["reason"] = "moving"

    def on_cost(self) -> None:
        """It costs too much for now."""
        self.memo["reason"] = "cost"

    def on_other_reason(self) -> None:
        """Something else."""
        self.memo["reason"] = "other"

    def ask_confirm(self) -> Reply | Go:
        """Show what the last day of service becomes, and ask."""
        held, wish = self.held, self.wish
        if held is None:
            return Go("subscription")
        begins = wish.start or self.turn.today
        facts: dict[str, Value] = {"plan": self.plan_of(held), "begins": begins}
        after = changing.after_pause(held.term, self.now, wish)
        if after is not None and wish.until is not None:
            said = text("pause.confirm_until", **facts, resumes=wish.until, last_day=after)
        else:
            latest = resume_day(begins, None, self.rules.longest_days)
            said = text("pause.confirm_open", **facts, resumes=latest, last_day=held.term.last_day)
        return reply(said, entries=(Entry("confirm_pause", text("pause.yes")), Entry("menu", text("pause.no"))))

    def on_confirm_pause(self) -> None:
        """Make sure who they are."""
        self.send_code()

    def do(self, held: Holding, by: By) -> Change:
        """Pause it."""
        turn = self.turn
        why = Why(self.memo.get("reason"))
        return changing.pause(turn.visit, turn.desk.business_id, held.id, self.wish, by, why)

    def ask_done(self) -> Reply:
        """Say how it stands now."""
        held = self.held
        if held is None or "refused" in self.memo:
            return self.ask_refused()
        term, plan = held.term, self.plan_of(held)
        if term.pause_from is not None:
            return reply(text("pause.planned", plan=plan, begins=term.pause_from), entries=self.ways_on())
        resumes = term.resume_on or self.turn.today
        return reply(text("pause.done", plan=plan, resumes=resumes), entries=self.ways_on())

    def wished(self) -> str:
        """Return from when until when."""
        return f"{self.memo.get('from')} {self.memo.get('until')}"

    @property
    def wish(self) -> Wish:
        """From when until when."""
        start, until = self.memo.get("from"), self.memo.get("until")
        return Wish(date.fromisoformat(start) if start else None, date.fromisoformat(until) if until else None)

    def _may_be(self, wish: Wish) -> bool:
        held = self.held
        if held is None:
            return False
        past = past_of(self.turn.visit, held.id, held.customer_id, self.turn.today)
        try:
            check_pause(held.term, self.now, wish, self.rules, past)
        except Refused as refusal:
            self.note(refusal)
            return False
        self.memo.pop("refused", None)
        return True
