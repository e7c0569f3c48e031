"""A dry run: reckons what would be billed, and writes nothing."""

from collections.abc import Callable
from typing import Final
from uuid import UUID

from bot.billing.batches import BATCH
from bot.errors import one_line
from domain.billing.facts import Frame
from domain.billing.items import Charged, not_billed
from domain.billing.measuring import Held
from domain.billing.reckoning import Broken, reckon
from domain.billing.reports import MOST_LISTED, Exceptional, Report, last_month_of, names_of, totals_of
from domain.door import Door, Visit

_FIRST: Final = UUID(int=0)
_ERROR: Final = "error"


def reckon_all(
    door: Door, frame: Frame, tell: Callable[[dict[str, int]], None], stopped: Callable[[], bool]
) -> Report | None:
    """Return what a run would do: totals, exceptions, the month before; None once `stopped`."""
    with door.for_business(frame.business_id) as session:
        visit = Visit.within(session)
        report = Report(frame.currency, last_month=last_month_of(visit, frame))
        report.before = totals_of(visit, frame.business_id, frame.period).billed
    done, after = 0, _FIRST
    while not stopped():
        with door.for_business(frame.business_id) as session:
            visit = Visit.within(session)
            meters = not_billed(visit, frame, after, BATCH)
            if not meters:
                return report
            _add(visit, frame, meters, report)
        done, after = done + len(meters), meters[-1]
        tell({"done": done, "billed": report.totals.billed, "held": sum(report.codes.values())})
    return None


def _add(visit: Visit, frame: Frame, meters: list[UUID], report: Report) -> None:
    odd: dict[UUID, tuple[str, str | None]] = {}
    for meter_id, what in reckon(visit, frame, meters).items():
        if isinstance(what, Held):
            odd[meter_id] = (what.code, what.detail)
        elif isinstance(what, Broken):
            odd[meter_id] = (_ERROR, one_line(what.error))
        else:
            report.totals.add(frame, Charged(meter_id, *what))
    report.codes.update(code for code, _ in odd.values())
    if odd and len(report.listed) < MOST_LISTED:
        names = names_of(visit, list(odd))
        report.listed += [Exceptional(*names[meter_id], *why) for meter_id, why in odd.items()]
