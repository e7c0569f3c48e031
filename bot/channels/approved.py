"""The templates that we have approved: what WhatsApp lets us say when nobody wrote to us within 24 hours.

Each is a text of the catalogues, in both languages. When its words change it becomes a new version.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from domain.money import Money
from locales.catalogue import LANGUAGES, catalogue
from locales.speech import Speech
from locales.text import Code, Name, Text, Value, text

_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
# What WhatsApp's reviewers see in the place of each value.
_SAMPLES: Final[dict[str, Value]] = {
    "ticket": Code("T-1001"),
    "fault": text("fault.no_power"),
    "status": text("ticket_status.in_progress"),
    "plan": Name("Plan 30"),
    "reference": Code("S-1001"),
    "last_day": date(2027, 1, 30),
    "paused_on": date(2027, 1, 10),
    "stopped_on": date(2027, 1, 10),
    "begins": date(2027, 1, 10),
    "resumes": date(2027, 1, 15),
    "invoice": Code("INV-1001"),
    "total": Money(21435, "SAR"),
    "owed": Money(21435, "SAR"),
    "paid": Money(21435, "SAR"),
    "due": date(2027, 1, 30),
    "link": "https://bot.example.com/i/AAAAAAAA",
    "amount": Money(21435, "SAR"),
    "which": text("purchase.numbered", meter=Code("01412301374")),
    "back": Money(5000, "SAR"),
    "kwh": Decimal("120.4"),
    "left": Decimal("8.5"),
}


@dataclass(frozen=True, slots=True)
class Pattern:
    """A template in one language: `body` with {{1}} …, and the names of the values in that order."""

    name: str
    category: str
    language: str
    body: str
    variables: tuple[str, ...]

    def friendly_name(self, version: int) -> str:
        """Return the name of a version as Twilio's console and WhatsApp's reviewers see it."""
        return f"raseed_{self.name}_{self.language}_v{version}"

    @property
    def types(self) -> dict[str, Any]:
        """Return it as the Content API wants it."""
        return {"twilio/text": {"body": self.body}}

    @property
    def samples(self) -> dict[str, str]:
        """Return what stands for each value where it is reviewed."""
        speech = Speech(self.language, sms=False)
        return {str(number): speech.value(_SAMPLES[name]) for number, name in enumerate(self.variables, start=1)}


# Name, text, and what WhatsApp is told that it is about.
TICKET_NEWS: Final = "ticket_news"
PAYMENT_CONFIRMED: Final = "payment_confirmed"
PAYMENT_RECEIVED: Final = "payment_received"
SUBSCRIPTION_RENEW: Final = "subscription_renew"
PAYMENT_REFUNDED: Final = "payment_refunded"
_TEXTS: Final = {
    TICKET_NEWS: (Text("template.ticket_news"), "utility"),
    PAYMENT_CONFIRMED: (Text("template.payment_confirmed"), "utility"),
    PAYMENT_RECEIVED: (Text("template.payment_received"), "utility"),
    PAYMENT_REFUNDED: (Text("template.payment_refunded"), "utility"),
    "subscription_pause": (Text("template.subscription_pause"), "utility"),
    "subscription_schedule_pause": (Text("template.subscription_schedule_pause"), "utility"),
    "subscription_cancel_pause": (Text("template.subscription_cancel_pause"), "utility"),
    "subscription_resume": (Text("template.subscription_resume"), "utility"),
    "subscription_stop": (Text("template.subscription_stop"), "utility"),
    "subscription_reactivate": (Text("template.subscription_reactivate"), "utility"),
    SUBSCRIPTION_RENEW: (Text("template.subscription_renew"), "utility"),
    "subscription_cancel": (Text("template.subscription_cancel"), "utility"),
    "subscription_expire": (Text("template.subscription_expire"), "utility"),
    "subscription_overdue_pause": (Text("template.subscription_overdue_pause"), "utility"),
    "subscription_resumes": (Text("template.subscription_resumes"), "utility"),
    "subscription_long_pause": (Text("template.subscription_long_pause"), "utility"),
    "subscription_ends_soon": (Text("template.subscription_ends_soon"), "utility"),
    "invoice_issued": (Text("template.invoice_issued"), "utility"),
    "invoice_reminder": (Text("template.invoice_reminder"), "utility"),
    "invoice_overdue": (Text("template.invoice_overdue"), "utility"),
    "instalment_due": (Text("template.instalment_due"), "utility"),
    "plan_broken": (Text("template.plan_broken"), "utility"),
    "disconnection_notice": (Text("template.disconnection_notice"), "utility"),
    "purchase_ready": (Text("template.purchase_ready"), "utility"),
    "purchase_refunded": (Text("template.purchase_refunded"), "utility"),
    "purchase_late": (Text("template.purchase_late"), "utility"),
    "purchase_kept": (Text("template.purchase_kept"), "utility"),
    "vendor_back": (Text("template.vendor_back"), "utility"),
    "credit_low": (Text("template.credit_low"), "utility"),
}


def patterns() -> Iterator[Pattern]:
    """Yield all templates, in all languages."""
    for name in _TEXTS:
        for language in LANGUAGES:
            yield pattern(name, language)


def pattern(name: str, language: str) -> Pattern:
    """Return the template `name` in a language, as its words are now."""
    said, category = _TEXTS[name]
    words = catalogue(language).message(said.key, sms=False, count=None)
    variables = tuple(dict.fromkeys(_PLACEHOLDER.findall(words)))
    numbers = {variable: f"{{{{{number}}}}}" for number, variable in enumerate(variables, start=1)}
    body = _PLACEHOLDER.sub(lambda found: numbers[found[1]], words)
    return Pattern(name, category, language, body, variables)


def values_of(said: Text, variables: list[str], language: str) -> list[str]:
    """Return the values of a text in the order in which a version of its template has them."""
    speech = Speech(language, sms=False)
    return [speech.value(said.values[name]) for name in variables]


def text_of(name: str, **values: Any) -> Text:
    """Return the text that the template `name` is made from, with values."""
    return replace(_TEXTS[name][0], values=values)
