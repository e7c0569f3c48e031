"""What the accountant reads after a billing run: totals, the month before, and what was held back and why."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

import structlog

from bot.billing.codes import reason_of
from bot.saying import NoWay, Recipient, in_words, letter
from bot.services import Services
from domain.billing.reports import Report, Totals
from domain.billing.runs import Run
from domain.door import Visit
from domain.money import Money
from domain.senders import EMAIL
from domain.speaking import speak
from flows.reply import Paragraph, reply
from locales.text import Code, Text, counted, text

log = structlog.get_logger()

_KIND: Final = "staff"
# A mail is read on a telephone. The whole list is in the staff API.
_MOST: Final = 12
_BEFORE: Final = """
    SELECT report -> 'codes' FROM billing_run
    WHERE business_id = %(business_id)s AND period = %(period)s AND id <> %(id)s AND NOT dry_run AND report IS NOT NULL
    ORDER BY id DESC LIMIT 1
"""
_WHO: Final = "SELECT accountant_email, language FROM business WHERE id = %(business_id)s"


def tell_accountant(services: Services, visit: Visit, run: Run, report: Report) -> None:
    """Put the mail into the outbox, if the business has an accountant and there is something new to tell."""
    ((email, language),) = visit.ask(_WHO, {"business_id": run.business_id})
    if email is None or not (report.totals.billed or _is_new(visit, run, report)):
        return
    period = Code(f"{run.period:%Y-%m}")
    saying = in_words(_KIND, reply(*_paragraphs(period, report)), subject=text("mail.billing_run", period=period))
    try:
        said = letter(visit, services.accounts, Recipient(run.business_id, None, language, (EMAIL,), email), saying)
    except NoWay as error:
        log.warning("the accountant can't be told of a billing run", why=str(error))
        return
    speak(visit, run.business_id, [said])


def _is_new(visit: Visit, run: Run, report: Report) -> bool:
    """Tell whether something is held back that the run before did not tell of."""
    values = {"business_id": run.business_id, "period": run.period, "id": run.run_id}
    before = visit.ask(_BEFORE, values)
    return bool(report.codes) and (not before or before[0][0] != dict(report.codes))


def _paragraphs(period: Code, report: Report) -> Iterator[Paragraph]:
    if report.totals.billed:
        yield text("billing.done", period=period)
        yield tuple(_totals(report.totals, report.currency))
    else:
        yield text("billing.none", period=period)
    if report.last_month.billed:
        last = report.last_month
        yield text(
            "billing.last_month", bills=last.billed, total=Money(last.total_minor, report.currency), kwh=_kwh(last)
        )
    exceptions = sum(report.codes.values())
    if not exceptions:
        yield text("billing.nothing_back")
        return
    yield counted("billing.back", exceptions)
    yield tuple(
        text("billing.back_line", meter=Code(one.meter_no), account=Code(one.account_no), reason=reason_of(one.code))
        for one in report.listed[:_MOST]
    )
    if exceptions > _MOST:
        yield counted("billing.others", exceptions - _MOST)


def _totals(totals: Totals, currency: str) -> Iterator[Text]:
    yield text("billing.bills", bills=totals.billed, estimated=totals.estimated)
    yield text("billing.net", net=Money(totals.net_minor, currency))
    yield text("billing.vat", vat=Money(totals.vat_minor, currency))
    yield text("billing.total", total=Money(totals.total_minor, currency))
    yield text("billing.used", kwh=_kwh(totals))


def _kwh(totals: Totals) -> Decimal:
    return (Decimal(totals.wh).scaleb(-3)).quantize(Decimal(1))
