"""Is every value read in its right order? Each text goes through the Unicode bidi algorithm (UAX #9), as on a phone."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from bidi import get_display

from domain.money import Money
from locales.catalogue import Catalogue
from locales.speech import NBSP, Speech
from locales.text import Code, Name, Text, Value

PLACEHOLDER = re.compile(r"\{(\w+)\}")
INVISIBLE = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069\u200e\u200f"))
NOT_SAID = ("words.", "currency.")  # what is typed by others, and what stands within amounts only
COUNTS = (0, 1, 2, 3, 10, 11, 99, 100, 103, 111, 12345)
_ARABIC = re.compile(r"[\u0600-\u06ff]")
SAMPLES: dict[str, tuple[Value, ...]] = {
    "above": (Decimal(6000), Decimal("333.333")),
    "up_to": (Decimal(6000), Decimal("333.333")),
    "first": (date(2026, 10, 1),),
    "last": (date(2026, 10, 31),),
    "period": (Code("2026-10"),),
    "before": (Decimal(12450), Decimal("998.5")),
    "after": (Decimal(13430), Decimal("1450.25")),
    "item": (Name("Electricity, block from 0 to 6,000 kWh"), Name("كهرباء، الشريحة من 0 إلى 6,000 ك.و.س")),
    "unit_price": (Decimal("0.18"),),
    "per_cent": (Decimal(15), Decimal("7.5")),
    "bills": (3, 12345),
    "estimated": (0, 1234),
    "owed": (Money(2143550, "SAR"), Money(0, "SAR"), Money(-2550, "SAR"), Money(1234567, "KWD")),
    "due": (date(2026, 11, 28), date(2027, 1, 1)),
    "last_day": (date(2026, 11, 28),),
    "paused_on": (date(2026, 1, 10),),
    "meter": (Code("04012345678"), Code("0401-2345-678")),
    "account": (Code("1001"), Code("A-1002/7"), Code("10-02/7")),
    "name": (Name("سارة الغامدي"), Name("Omar Hassan (Shop 2)")),
    "business": (Name("كهرباء النور"), Name("Noor Electricity 24/7")),
    "label": (Text("accounts.name", {"name": Name("سارة الغامدي")}), Text("accounts.name", {"name": Name("Omar")})),
    "detail": (Text("accounts.number", {"account": Code("1001")}),),
    "day": (date(2026, 11, 28), date(2027, 1, 1)),
    "hour": (Code("08:00"), Code("14:30")),
    "weekday": (Text("weekday.sunday"),),
    "when": (
        Text("when.date", {"day": date(2026, 11, 28), "hour": Code("14:30")}),
        Text("when.today", {"hour": Code("08:00")}),
    ),
    "ticket": (Code("T-1024"),),
    "fault": (Text("fault.no_power"),),
    "status": (Text("ticket_status.in_progress"),),
    "emergency": (Code("933"), Code("+966 11 200 0000")),
    "holiday": (Name("عيد الفطر"), Name("Eid al-Fitr 1448")),
    "reason": (Name("صيانة المحوّل 12"), Name("Works on line 7-B")),
    "place": (Name("حي العليا، شارع 12"), Name("12 King Fahd Road")),
    "note": (Name("منذ الساعة 7"), Name("Since 7 o'clock")),
    "says": (Name("نحتاج رقم الشقة 12"), Name("We need the number of the flat, 12")),
    "code": (Code("123456"), Code("004209")),
    "net": (Money(18639, "SAR"), Money(1234567, "KWD")),
    "vat": (Money(2796, "SAR"), Money(0, "SAR")),
    "total": (Money(21435, "SAR"), Money(123456789, "SAR")),
    "paid": (Money(0, "SAR"), Money(10000, "SAR")),
    "issued": (date(2026, 10, 1),),
    "begins": (date(2026, 12, 1),),
    "resumes": (date(2026, 12, 15),),
    "possible": (date(2026, 12, 15),),
    "renewed": (date(2026, 12, 15),),
    "group": (Code("3"),),
    "typed": (Code("1234"), Code("123")),
    "right": (Code("1243"),),
    "other": (
        Text("purchase.named", {"name": Name("المحل")}),
        Text("purchase.numbered", {"meter": Code("01412302745")}),
    ),
    "token": (Code("ri_k2-Xy_9"), Code("58625789986991357486", 4)),
    "email": (Code("s•••@customer.example"),),
    "example": (Code("25/12"),),
    "limit": (3, 12),
    "price": (Money(9900, "SAR"), Money(1234567, "KWD")),
    "what": (Text("history.pause"),),
    "stopped_on": (date(2026, 1, 10),),
    "invoice": (Code("INV-2026-5001"), Code("2026-17"), Code("88001")),
    "description": (Name("استهلاك الكهرباء، سبتمبر 2026"), Name("Electricity, September 2026")),
    "reference": (Code("SUB-2001"), Code("2001")),
    "language": (Text("language.name"),),
    "kind": (Text("meter.prepaid"),),
    "amount": (Money(21435, "SAR"), Money(1234567, "KWD")),
    "wallet": (Money(5000, "SAR"), Money(123456789, "SAR"), Money(0, "SAR")),
    "rest": (Money(2550, "SAR"),),
    "least": (Money(100, "SAR"),),
    "most": (Money(1000000, "SAR"),),
    "method": (Text("payment_method.link"),),
    "link": ("https://bot.example.com/legal/privacy?business=NOOR&lang=ar",),
    "rate": (Code("15%"), Code("5.5%")),
    "currency": (Code("SAR"), Code("KWD")),
    "hours": (3, 23),
    "minutes": (5, 42),
    "page": (1, 12),
    "pages": (1, 120),
    "number": (3, 12345, Code("10"), Code("0.5")),
    "which": (
        Text("purchase.named", {"name": Name("البيت")}),
        Text("purchase.named", {"name": Name("Villa 12")}),
        Text("purchase.numbered", {"meter": Code("04012345678")}),
    ),
    "kwh": (Decimal("120.4"), Decimal("1638.3")),
    "left": (Decimal("8.5"), Decimal("1200.0")),
    "back": (Money(5000, "SAR"),),
    "missing": (Money(5000, "SAR"),),
    "owner": (Name("S... A..."), Name("س... ا...")),
    "bought": (date(2026, 11, 21),),
    "date": (Code("21/11"),),
    "bar": ("███",),
    "plan": (Name("الباقة الشهرية"), Name("Plan 30-60")),
}


def as_shown(said: str, base: str = "R") -> str:
    """Return a text as it stands on a screen, from left to right.

    `base` is the direction of its lines: "R", "L", or "" for what a chat does, which lets the first letter decide.
    """
    lines = [str(get_display(line, base_dir=base or None)) for line in said.split("\n")]
    return "\n".join(lines).translate(INVISIBLE)


def out_of_order(of: Catalogue) -> Iterator[str]:
    """Yield every text of `of` that a reader would see with a value out of its order, on either kind of channel."""
    for key in sorted({key for _, key in of.forms if not key.startswith(NOT_SAID)}):
        for sms in (False, True):
            yield from _out_of_order(of, key, Speech(of.language, sms=sms))


def _out_of_order(of: Catalogue, key: str, speech: Speech) -> Iterator[str]:
    for count in COUNTS if _is_counted(of, key) else (None,):
        template = of.message(key, sms=speech.sms, count=count)
        names = set(PLACEHOLDER.findall(template)) - {"count"}
        for name in sorted(names - set(SAMPLES)):
            yield f"{key}: the check has no sample for {{{name}}}"
        for values in _sampled(names & set(SAMPLES)):
            yield from _misread(Text(key, values, count), template, speech)


def _is_counted(of: Catalogue, key: str) -> bool:
    return any(len(of.forms.get((context, key), ())) > 1 for context in (None, "sms"))


def _sampled(names: set[str]) -> Iterator[dict[str, Value]]:
    """Yield values for `names` until every sample of each has had its turn."""
    for turn in range(max((len(SAMPLES[name]) for name in names), default=1)):
        yield {name: SAMPLES[name][turn % len(SAMPLES[name])] for name in names}


def _misread(text: Text, template: str, speech: Speech) -> Iterator[str]:
    if set(PLACEHOLDER.findall(template)) - {"count"} - set(text.values):
        return  # it has been said that a sample is wanting
    values = dict(text.values)
    if "{count}" in template and text.count is not None:
        values["count"] = text.count
    said = speech.say(text)
    for base in ("R", "") if speech.language == "ar" else ("",):
        shown = as_shown(said, base)
        for name, value in values.items():
            for atom in _atoms(speech, value):
                if atom not in shown:
                    channel = "sms" if speech.sms else "whatsapp"
                    yield f"{speech.language}: {text.key} ({channel}): {{{name}}} is shown out of order: {shown!r}"


def _atoms(speech: Speech, value: Value) -> Iterator[str]:
    """Yield what of a value must be found on the screen, from left to right."""
    if isinstance(value, Money):
        yield f"{_minus(speech) if value.minor < 0 and speech.language == 'ar' else ''}{abs(value.major):,}"
    elif isinstance(value, date):
        yield _seen(speech.date(value).translate(INVISIBLE).replace(NBSP, " ")).replace(" ", _gap(speech))
    elif isinstance(value, Code):
        yield speech.code(value.value, value.size).translate(INVISIBLE)
    elif isinstance(value, Name):
        yield from map(_seen, re.findall(r"\w+", value.value))
    elif isinstance(value, int):
        yield f"{value:,}"


def _seen(words: str) -> str:
    """Return `words` as they are seen from left to right: Arabic ones from their end, with their digits in order."""
    if not _ARABIC.search(words):
        return words
    return " ".join(word[::-1] if _ARABIC.search(word) else word for word in reversed(words.split(" ")))


def _minus(speech: Speech) -> str:
    return "-" if speech.sms and speech.language == "en" else "\u2212"


def _gap(speech: Speech) -> str:
    return " " if speech.sms and speech.language == "en" else NBSP
