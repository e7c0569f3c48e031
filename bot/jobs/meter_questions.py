"""Asks the vendor what a customer wants to know of a meter, and answers with a further message."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Final

from bot.jobs.queues import REPLY_QUEUE
from bot.jobs.token_checks import token_answer
from bot.jobs.worker_services import WorkerServices
from bot.saying import Recipient, in_words, letter
from domain import clock
from domain.door import Visit
from domain.notices import listener_of
from domain.purchases.questions import Question, claim_questions, take_question
from domain.purchases.reminding import kwh
from domain.speaking import speak
from domain.subscriptions.wall import zone_of
from domain.vendors.errors import VendorError
from domain.vendors.port import TokenVendor
from domain.vendors.results import Balance, MeterStatus, Reading
from domain.ways import BEST_FIRST
from flows.purchased import meter_called
from flows.reply import Paragraph, reply
from locales.text import Code, Text, text

__all__ = ["answer_question", "claim_questions"]

_DAYS: Final = 7
_BARS: Final = 10


def answer_question(services: WorkerServices, vendor: TokenVendor, question: Question) -> None:
    """Ask, and answer; what the vendor or the line to the meter can't tell is left out."""
    answer = token_answer(services, vendor, question) if question.digits else _answer(vendor, question)
    said = tuple(answer)
    with services.door.for_business(question.meter.business_id) as session:
        visit = Visit.within(session)
        if not take_question(visit, question):
            return
        listener = listener_of(visit, question.conversation_id)
        saying = in_words("reply", reply(*said), customer_id=listener.customer_id)
        channels = (listener.channel, *(channel for channel in BEST_FIRST if channel != listener.channel))
        to = Recipient(listener.business_id, listener.address, listener.language, channels)
        speak(visit, listener.business_id, [letter(visit, services.accounts, to, saying)])
    services.bell.ring(REPLY_QUEUE)


def _answer(vendor: TokenVendor, question: Question) -> Iterator[Paragraph]:
    which = meter_called(question.meter.meter_no, question.nickname)
    status, balance, readings = _status(vendor, question), _balance(vendor, question), _readings(vendor, question)
    if status is None and balance is None:
        yield text("asked.nothing", which=which)
        return
    lines = [text("asked.head", which=which)]
    if status is not None:
        lines.append(_supply(status))
    if balance is not None:
        lines.append(text("asked.balance", left=kwh(balance.watt_hours)))
    yield tuple(lines)
    if chart := _chart(readings, question.timezone):
        yield (text("asked.chart"), *chart)


def _supply(status: MeterStatus) -> Text:
    if not status.connected:
        return text("asked.no_contact")
    return text("asked.supplied" if status.supplied else "asked.not_supplied")


def _chart(readings: Sequence[Reading], zone: str) -> list[Text]:
    """Return a line for each day: the date, a bar, and how much was used."""
    by_day = {one.read_at.astimezone(zone_of(zone)).date(): one.watt_hours for one in readings}
    days = sorted(by_day)
    used = [(day, by_day[day] - by_day[before]) for before, day in pairwise(days)][-_DAYS:]
    most = max((hours for _, hours in used), default=0)
    if most <= 0:
        return []
    return [
        text("asked.day", date=Code(f"{day:%d/%m}"), bar="█" * max(1, round(hours * _BARS / most)), kwh=kwh(hours))
        for day, hours in used
    ]


def _status(vendor: TokenVendor, question: Question) -> MeterStatus | None:
    try:
        return vendor.status(question.meter)
    except VendorError:
        return None


def _balance(vendor: TokenVendor, question: Question) -> Balance | None:
    try:
        return vendor.balance(question.meter)
    except VendorError:
        return None


def _readings(vendor: TokenVendor, question: Question) -> list[Reading]:
    until = clock.now()
    try:
        return vendor.readings([question.meter], until - timedelta(days=_DAYS + 1), until)
    except VendorError:
        return []
