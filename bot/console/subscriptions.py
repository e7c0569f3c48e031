"""Subscriptions: how each stands, day by day, and what may be done with it now."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from bot.api import subscriptions as api
from bot.api.customers import show_customer
from bot.api.subscriptions import SubscriptionShown, list_status_history, list_subscriptions, show_subscription
from bot.console.readers import Reader
from bot.console.sections import MONEY, Section
from bot.problems import Problem
from domain import clock
from domain.staff import AGENT
from domain.subscriptions.states import (
    CANCEL,
    PAUSE,
    REACTIVATE,
    RESUME,
    STOP,
    SUBSCRIPTION_STATUSES,
    UNSCHEDULE,
    may,
)

subscriptions = Section()

# What staff can do, and by which operation. Whether a state allows it, the machine of the states knows.
DOES: Final[dict[str, Callable[..., Any]]] = {
    PAUSE: api.pause_subscription,
    UNSCHEDULE: api.cancel_planned_pause,
    RESUME: api.resume_subscription,
    REACTIVATE: api.reactivate_subscription,
    STOP: api.stop_subscription,
    CANCEL: api.cancel_subscription,
}
_FINAL: Final = frozenset({STOP, CANCEL})


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that may be done now; `final`: there is no way back from it."""

    action: str
    final: bool


@subscriptions.page("/subscriptions", title="console.subscriptions", template="subscriptions.html", menu=MONEY)
def subscription_list(reader: Reader) -> dict[str, Any]:
    """List subscriptions, the newest first."""
    return {"found": reader.listing(list_subscriptions), "statuses": SUBSCRIPTION_STATUSES}


@subscriptions.page("/subscriptions/<uuid:subscription_id>", title="console.subscription", template="subscription.html")
def subscription_page(reader: Reader, subscription_id: UUID) -> dict[str, Any]:
    """Show a subscription: its days, what may be done with it, and what ever was."""
    shown = reader.ask(show_subscription, subscription_id=subscription_id)
    return {
        "shown": shown,
        "customer": reader.ask(show_customer, customer_id=shown.customer_id),
        "history": reader.listing(list_status_history, subscription_id=subscription_id),
        "choices": choices(shown) if reader.may(api.pause_subscription) else [],
    }


def choices(shown: SubscriptionShown) -> list[Choice]:
    """Return what may be done with a subscription from where it stands."""
    planned = shown.pause_from is not None
    possible = [action for action in DOES if may(shown.status, action)]
    return [
        Choice(action, action in _FINAL)
        for action in possible
        if planned == (action == UNSCHEDULE) or action not in {PAUSE, UNSCHEDULE}
    ]


def _asking(action: str) -> None:
    """Declare the page that asks for a reason and for confirmation of an action, and the form on it."""

    def view(reader: Reader, subscription_id: UUID) -> dict[str, Any]:
        shown = reader.ask(show_subscription, subscription_id=subscription_id)
        if reader.form is None and action not in {choice.action for choice in choices(shown)}:
            raise Problem(409, "illegal_transition", f"a subscription that is {shown.status} can't do that")
        customer = reader.ask(show_customer, customer_id=shown.customer_id)
        today = clock.today(reader.business.timezone)
        facts = {"today": today, "tomorrow": today + timedelta(days=1)}
        return {"shown": shown, "customer": customer, "action": action, "final": action in _FINAL, **facts}

    view.__name__ = f"{action}_page"
    path = f"/subscriptions/<uuid:subscription_id>/{action.replace('_', '-')}"
    subscriptions.page(path, title="console.subscription", template="subscription_asks.html", role=AGENT)(view)
    subscriptions.form(path, does=DOES[action], on=view, done="subscription_changed", then=subscription_page)


for one in DOES:
    _asking(one)
