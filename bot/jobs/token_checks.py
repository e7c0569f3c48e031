"""Whether a token is for a meter: the vendor is asked, and where it can't tell, the keys that we hold ourselves."""

from collections.abc import Iterator

from bot.jobs.worker_services import WorkerServices
from bot.providers.vendors import own_engine
from domain.door import Visit
from domain.purchases.questions import Question, name_of_own
from domain.vendors.embedded import EmbeddedVendor
from domain.vendors.errors import VendorError
from domain.vendors.port import TokenVendor
from domain.vendors.results import Finding, TokenCheck
from flows.purchased import meter_called
from flows.reply import Paragraph
from locales.text import Text, group, text


def token_answer(services: WorkerServices, vendor: TokenVendor, question: Question) -> Iterator[Paragraph]:
    """Yield what is said of a token that somebody's meter does not take."""
    which = meter_called(question.meter.meter_no, question.nickname)
    found = checked(vendor, question, own_engine(services.settings, services.door))
    yield text("check.token", token=group(question.digits or ""))
    if found is None:
        yield text("check.unknown", which=which)
    else:
        yield _said(services, question, found, which)
    if found is not None and found.finding is Finding.GOOD:
        yield (text("trouble.used"), text("trouble.retype"))
    yield text("check.report")


def checked(vendor: TokenVendor, question: Question, engine: EmbeddedVendor | None) -> TokenCheck | None:
    """Return what the vendor says, else what our own keys say; None where nobody can tell."""
    for asked in (vendor, engine):
        try:
            if asked is not None:
                return asked.check_token(question.meter, question.digits or "")
        except VendorError:
            continue
    return None


def _said(services: WorkerServices, question: Question, found: TokenCheck, which: Text) -> Text:
    if found.finding is Finding.OTHER_METER and found.meter_no:
        with services.door.for_business(question.meter.business_id) as session:
            own = name_of_own(Visit.within(session), question, found.meter_no)
        if own is not None:
            return text("check.own_other_meter", which=which, other=meter_called(*own))
    return {
        Finding.GOOD: text("check.good", which=which, kwh=found.kwh),
        Finding.USED: text("check.used", which=which),
        Finding.OLD: text("check.old", which=which),
        Finding.EXPIRED: text("check.expired", which=which),
        Finding.NO_CREDIT: text("check.no_credit", which=which),
        Finding.UNREADABLE: text("check.unreadable", which=which),
        Finding.OTHER_METER: text("check.other_meter", which=which),
    }[found.finding]
