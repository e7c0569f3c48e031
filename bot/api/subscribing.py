"""What the routes of subscriptions have in common: who acts, what may come of it, and what is written down and told."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bot.api.calls import Call
from bot.jobs.queues import NOTICE_QUEUE
from bot.problems import Problem
from bot.subscriptions import tell_of_change
from domain.bearers import API_KEY
from domain.subscriptions.history import By, Change, Why
from domain.subscriptions.holding import Holding, NoSuchSubscription
from domain.subscriptions.rules import Refused
from domain.subscriptions.states import IllegalTransition
from domain.subscriptions.tables import API_KEY as A_MACHINE
from domain.subscriptions.tables import STAFF


def by_whom(call: Call) -> By:
    """Return who changes something by this call."""
    kind = A_MACHINE if call.principal.kind == API_KEY else STAFF
    return By(kind, call.principal.email or call.principal.name, call.origin.ip, call.origin.request_id)


@contextmanager
def acting() -> Iterator[None]:
    """Answer what can't be done as a problem."""
    try:
        yield
    except NoSuchSubscription:
        raise Problem(404, "not_found", "there is no subscription with this id") from None
    except IllegalTransition as error:
        raise Problem(409, "illegal_transition", str(error)) from None
    except Refused as error:
        raise Problem(409, error.code, str(error)) from None


def changed(call: Call, done: Change, why: Why) -> None:
    """Write into the audit log what was done, and tell the customer."""
    after = {**_facts(done.after), "reason": why.reason, "override": why.override}
    call.record(f"subscription.{done.action}", ("subscription", done.after.id), _facts(done.before), after)
    tell_of_change(call.visit(), call.services.accounts, done)
    call.after_commit(lambda: call.services.bell.ring(NOTICE_QUEUE))


def _facts(held: Holding) -> dict[str, Any]:
    term = held.term
    return {
        "status": term.status,
        "last_day": term.last_day,
        "resume_on": term.resume_on,
        "pause_from": term.pause_from,
        "pause_until": term.pause_until,
    }
