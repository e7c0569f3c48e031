"""A customer resumes a subscription, or takes back a pause that is planned."""

from domain.subscriptions import changing
from domain.subscriptions import term as terms
from domain.subscriptions.history import By, Change
from domain.subscriptions.holding import Holding
from domain.subscriptions.term import days_remaining
from flows.echo import CODE_CHOICES, STEPS
from flows.flow import Entry, Go, Reply
from flows.holding import OneSubscription
from flows.reply import reply
from locales.text import counted, text


class Resume(OneSubscription):
    """Shows what the last day of service becomes, and resumes."""

    name = "resume"
    states = ("which", "confirm", "code", "done", "refused")
    needs_account = True
    script = (
        ("which", "one", "confirm"),
        ("which", "only", "confirm"),
        ("which", "none", "refused"),
        ("confirm", "confirm_resume", "code"),
        *STEPS,
    )
    heard_choices = CODE_CHOICES | {"one", "only", "none"}
    confirms = frozenset({"confirm", "code"})
    nothing_suits = text("resume.nothing")

    def suits(self, held: Holding) -> bool:
        """What is paused, or will be."""
        return held.term.paused is not None or held.term.pause_from is not None

    def ask_confirm(self) -> Reply | Go:
        """Show what would be, and ask."""
        held = self.held
        if held is None:
            return Go("subscription")
        plan, term = self.plan_of(held), held.term
        if term.paused is not None:
            last_day = terms.resume(term, self.now).last_day
            said = text("resume.confirm", plan=plan, paused_on=term.paused.day, last_day=last_day)
            label = text("resume.yes")
        else:
            said = text("resume.confirm_planned", plan=plan, begins=term.pause_from or self.turn.today)
            label = text("resume.yes_planned")
        return reply(said, entries=(Entry("confirm_resume", label), Entry("menu", text("pause.no"))))

    def on_confirm_resume(self) -> None:
        """Make sure who they are."""
        self.send_code()

    def do(self, held: Holding, by: By) -> Change:
        """Resume it, or take the planned pause back."""
        turn = self.turn
        change = changing.resume if held.term.paused else changing.unschedule_pause
        return change(turn.visit, turn.desk.business_id, held.id, by)

    def ask_done(self) -> Reply:
        """Say how it stands now."""
        held = self.held
        if held is None or "refused" in self.memo:
            return self.ask_refused()
        left = days_remaining(held.term, self.turn.today)
        said = (
            text("resume.done", plan=self.plan_of(held)),
            text("subscription.last_day", last_day=held.term.last_day),
            counted("subscription.left", left),
        )
        return reply(said, entries=self.ways_on())
