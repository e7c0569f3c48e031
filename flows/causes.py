"""What a customer is told of why the power is off."""

from collections.abc import Iterator

from domain import clock
from domain.causes import Cause, CheckCredit, Disconnected
from domain.outages import KnownOutage
from flows.turn import Turn
from flows.when import moment
from locales.text import Name, Text, counted, text


def tell_cause(turn: Turn, cause: Cause) -> Iterator[Text]:
    """Yield the lines that tell `cause`."""
    if isinstance(cause, KnownOutage):
        yield from _outage(turn, cause)
    elif isinstance(cause, Disconnected):
        yield _disconnected(cause)
    elif isinstance(cause, CheckCredit):
        yield text("cause.check_credit")


def _outage(turn: Turn, outage: KnownOutage) -> Iterator[Text]:
    if outage.has_begun(clock.now()):
        yield text("cause.outage_planned" if outage.kind == "planned" else "cause.outage_unplanned")
    else:
        yield text("cause.outage_soon", when=moment(turn, outage.starts_at))
    reason = outage.reason_in(turn.language)
    if reason is not None:
        yield text("cause.reason", reason=Name(reason))
    if outage.ends_at is not None:
        yield text("cause.until", when=moment(turn, outage.ends_at))
    else:
        yield text("cause.no_end")


def _disconnected(cause: Disconnected) -> Text:
    if cause.meter:
        return counted("cause.meter_off", cause.overdue, owed=cause.owed)
    return counted("cause.subscription_off", cause.overdue, owed=cause.owed)
