"""One field of a CSV file: from what is written to a value, or a complaint."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from unicodedata import decimal, lookup
from zoneinfo import available_timezones

from babel.numbers import list_currencies
from phonenumbers import SUPPORTED_REGIONS

from domain.clock import now
from domain.hours import WEEKDAYS
from domain.money import MoneyError, parse_amount
from domain.phones import PhoneError, is_e164, to_e164
from domain.rating import blocks_of
from domain.readings.tables import MOST_WH
from domain.staff import as_email
from domain.subsidies.tables import MOST_KWH
from domain.tariffs import MOST_BLOCKS
from domain.ways import BEST_FIRST


class FieldError(ValueError):
    """What is written can't be taken. The message says why."""


@dataclass(frozen=True, slots=True)
class Locality:
    """What amounts and phones are read by: the business's currency (ISO 4217) and country (ISO 3166).

    None where business.csv has no good one: then nothing is held against an amount or a phone that may be right.
    """

    currency: str | None
    country: str | None


Reader = Callable[[str, Locality], Any]

_TIMEZONES = frozenset(available_timezones())
_LONGEST_TEXT: Final = 1000
_LONGEST_CODE: Final = 64
_MOST_DAYS: Final = 3660
_YEARS: Final = range(1900, 2200)
_MOST_DECIMALS: Final = "CLF"  # of all currencies
_ARABIC_POINT: Final = {ord(lookup("ARABIC DECIMAL SEPARATOR")): "."}
_PLAIN = re.compile(r"\s*[0-9]{1,9}(\.[0-9]{1,9})?\s*")
_AMOUNT = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAY_OF_LIST = re.compile(r"-?[0-9]{1,3}")
_MOST_LISTED: Final = 20
_CLOCK = re.compile(r"([01]?[0-9]|2[0-4]):([0-5][0-9])")
_EMERGENCY = re.compile(r"\+?[0-9][0-9 ]{1,18}[0-9]")
EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_SENDER_NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 .&-]{1,11}")


def words(written: str, _: Locality) -> str:
    """Take any text."""
    if len(written) > _LONGEST_TEXT:
        raise FieldError(f"is longer than {_LONGEST_TEXT} characters")
    return written


def code(written: str, _: Locality) -> str:
    """Take what names a thing: the number of an account, a meter or an invoice, the code of a plan."""
    if len(written) > _LONGEST_CODE or not written.isprintable():
        raise FieldError(f"is longer than {_LONGEST_CODE} characters, or holds some that can't be seen")
    return western(written)


def western(written: str) -> str:
    """Return `written` with the digits of every script as 0 to 9."""
    if written.isascii():
        return written
    return "".join(str(decimal(letter, letter)) for letter in written)


def whole(written: str, _: Locality) -> int:
    """Take a whole number, zero or more."""
    plain = western(written)
    if not (plain.isascii() and plain.isdigit()) or len(plain) > 9:
        raise FieldError("is not a whole number")
    return int(plain)


def days(written: str, locality: Locality) -> int:
    """Take a number of days, at least one."""
    value = whole(written, locality)
    if not 1 <= value <= _MOST_DAYS:
        raise FieldError(f"is not from 1 to {_MOST_DAYS} days")
    return value


def amount(written: str, locality: Locality) -> int:
    """Take an amount of zero or more; return it in minor units."""
    plain = western(written).translate(_ARABIC_POINT)
    if not _AMOUNT.fullmatch(plain):
        raise FieldError("is not an amount such as 1234.50")
    if len(plain) > 24:  # a decimal of more digits than these would be rounded
        raise FieldError("is too large")
    try:
        money = parse_amount(plain, locality.currency or _MOST_DECIMALS)
    except MoneyError:
        raise FieldError(f"has more decimals than {locality.currency} has") from None
    if money.minor < 0:
        raise FieldError("is below zero")
    if money.minor >= 2**63:
        raise FieldError("is too large")
    return money.minor


def blocks(written: str, _: Locality) -> list[list[int]]:
    """Take the blocks of a tariff, `0:0.18;6000:0.30`: from how many kWh, and the price of one.

    Returned as tenths of a kWh, and millionths of the currency.
    """
    try:
        found = [_block(part) for part in western(written).split(";") if part.strip()]
        blocks_of(found)
    except ValueError as error:
        raise FieldError(f"is not a list of blocks such as 0:0.18;6000:0.30 ({error})") from None
    if len(found) > MOST_BLOCKS:
        raise FieldError(f"has more than {MOST_BLOCKS} blocks")
    return found


def _block(written: str) -> list[int]:
    start, _, price = written.partition(":")
    exact = [
        Decimal(part.strip()).scaleb(places) for part, places in ((start, 1), (price, 6)) if _PLAIN.fullmatch(part)
    ]
    if len(exact) != 2 or any(value != value.to_integral_value() or value >= 10**12 for value in exact):
        raise ValueError("a block is kWh:price, with at most 1 and 6 decimals")
    return [int(value) for value in exact]


def percent(written: str, locality: Locality) -> int:
    """Take whole per cent, 0 to 100."""
    value = whole(written, locality)
    if value > 100:
        raise FieldError("is more than 100 per cent")
    return value


def rate(written: str, _: Locality) -> Decimal:
    """Take a rate from 0 to below 1, such as 0.15."""
    value = _decimal(written, 4)
    if not 0 <= value < 1:
        raise FieldError("is not a rate from 0 to below 1, such as 0.15")
    return value


def pace(written: str, _: Locality) -> Decimal:
    """Take a number above zero."""
    value = _decimal(written, 3)
    if not 0 < value < 100_000:
        raise FieldError("is not a number above zero and below 100000")
    return value


def quota(written: str, _: Locality) -> Decimal:
    """Take kWh a month, above zero."""
    value = _decimal(written, 3)
    if not 0 < value <= MOST_KWH:
        raise FieldError(f"is not a number of kWh above zero, {MOST_KWH} at most")
    return value


def day(written: str, _: Locality) -> date:
    """Take a date as ISO 8601 writes it."""
    plain = western(written)
    try:
        taken = date.fromisoformat(plain)
    except ValueError:
        raise FieldError("is not a date such as 2026-11-30") from None
    if not _DAY.fullmatch(plain) or taken.year not in _YEARS:
        raise FieldError("is not a date such as 2026-11-30")
    return taken


def instant(written: str, _: Locality) -> datetime:
    """Take an instant as ISO 8601 writes it, with its offset; return it in UTC."""
    complaint = "is not an instant with an offset such as 2026-11-30T08:00+03:00"
    try:
        taken = datetime.fromisoformat(western(written))
    except ValueError:
        raise FieldError(complaint) from None
    if taken.tzinfo is None or taken.year not in _YEARS:
        raise FieldError(complaint)
    return taken.astimezone(UTC)


def past_instant(written: str, locality: Locality) -> datetime:
    """Take an instant that has been."""
    taken = instant(written, locality)
    if taken > now() + timedelta(days=1):  # a clock that is somewhat wrong is none of our business
        raise FieldError("has not come yet")
    return taken


def kwh(written: str, _: Locality) -> int:
    """Take what a meter has counted, in kWh; return it in Wh."""
    value = int(_decimal(written, 3).scaleb(3))
    if not 0 <= value <= MOST_WH:
        raise FieldError("is below zero, or more than any meter counts")
    return value


def register_digits(written: str, locality: Locality) -> int:
    """Take how many digits before the point a meter's counter shows."""
    return _within(written, locality, 3, 12)


def day_of_month(written: str, locality: Locality) -> int:
    """Take a day that every month has."""
    return _within(written, locality, 1, 28)


def up_to_a_year(written: str, locality: Locality) -> int:
    """Take a number of days, none to 365."""
    return _within(written, locality, 0, 365)


def later_days(written: str, locality: Locality) -> int:
    """Take a number of days, one to 365."""
    return _within(written, locality, 1, 365)


def up_to_a_dozen(written: str, locality: Locality) -> int:
    """Take a number, none to twelve."""
    return _within(written, locality, 0, 12)


def above_100_percent(written: str, locality: Locality) -> int:
    """Take whole per cent above 100."""
    return _within(written, locality, 101, 10_000)


def _within(written: str, locality: Locality, least: int, most: int) -> int:
    value = whole(written, locality)
    if not least <= value <= most:
        raise FieldError(f"is not from {least} to {most}")
    return value


def clock_time(written: str, _: Locality) -> time:
    """Take a time of day; 24:00 is the midnight at the end of it."""
    found = _CLOCK.fullmatch(western(written))
    if not found or (found[1] == "24" and found[2] != "00"):
        raise FieldError("is not a time of day such as 08:00")
    return time(int(found[1]) % 24, int(found[2]))


def weekday(written: str, _: Locality) -> int:
    """Take the English name of a day, or its first three letters; return 0 for Monday."""
    name = written.lower()
    for number, full in enumerate(WEEKDAYS):
        if name in {full, full[:3]}:
            return number
    raise FieldError("is not a day such as sunday")


def emergency_number(written: str, _: Locality) -> str:
    """Take a number to call in danger, which may be as short as 911."""
    plain = western(written)
    if not _EMERGENCY.fullmatch(plain):
        raise FieldError("is not a number to call such as 933")
    return plain


def yes_no(written: str, _: Locality) -> bool:
    """Take yes or no."""
    if written.lower() not in {"yes", "no"}:
        raise FieldError("is neither yes nor no")
    return written.lower() == "yes"


def phone(written: str, locality: Locality) -> str:
    """Take a telephone number in any usual form; return it as E.164."""
    if locality.country is None:
        return written
    try:
        return to_e164(western(written), locality.country)
    except PhoneError:
        raise FieldError("is not a telephone number") from None


def email(written: str, _: Locality) -> str:
    """Take an e-mail address."""
    if not EMAIL.fullmatch(written) or len(written) > 254:
        raise FieldError("is not an e-mail address")
    return written


def staff_email(written: str, locality: Locality) -> str:
    """Take the e-mail address of somebody of staff, as it is kept: in small letters."""
    return email(as_email(written), locality)


def tags(written: str, _: Locality) -> list[str]:
    """Take words separated by semicolons."""
    return [tag.strip() for tag in words(written, _).split(";") if tag.strip()]


def currency(written: str, _: Locality) -> str:
    """Take a currency's code (ISO 4217)."""
    if written not in list_currencies():
        raise FieldError("is not a currency code such as SAR")
    return written


def timezone(written: str, _: Locality) -> str:
    """Take the IANA name of a time zone."""
    if written not in _TIMEZONES:
        raise FieldError("is not a time zone such as Asia/Riyadh")
    return written


def country(written: str, _: Locality) -> str:
    """Take a country's code (ISO 3166 alpha-2)."""
    if written not in SUPPORTED_REGIONS:
        raise FieldError("is not a country code such as SA")
    return written


def day_list(written: str, _: Locality) -> list[int]:
    """Take days after a date separated by semicolons, from -60 to 365; below zero: before it."""
    found = [western(one).strip() for one in written.split(";") if one.strip()]
    if len(found) > _MOST_LISTED or not all(_DAY_OF_LIST.fullmatch(one) and -60 <= int(one) <= 365 for one in found):
        raise FieldError("is not a list of up to 20 days such as -3;0;7")
    return [int(one) for one in found]


def channels(written: str, _: Locality) -> list[str]:
    """Take channels separated by semicolons, the best first."""
    found = tags(written, _)
    if not found or len(set(found)) < len(found) or not set(found) <= set(BEST_FIRST):
        raise FieldError(f"is not a list of {', '.join(BEST_FIRST)}")
    return found


def instalments(written: str, locality: Locality) -> int:
    """Take how many instalments there may be at most, from 2 to 24."""
    return _within(written, locality, 2, 24)


def countries(written: str, locality: Locality) -> list[str]:
    """Take countries' codes separated by semicolons."""
    return [country(one, locality) for one in tags(written, locality)]


def sender_address(written: str, _: Locality) -> str:
    """Take a number as E.164, or a registered name, which only sends."""
    if written.startswith("whatsapp:"):
        raise FieldError("is written without whatsapp:")
    if not is_e164(written) and not _SENDER_NAME.fullmatch(written):
        raise FieldError("is neither a number such as +966112345678 nor a registered name of up to 11 letters")
    return written


def one_of(*values: str) -> Reader:
    """Return what takes one of `values`."""

    def take(written: str, _: Locality) -> str:
        if written not in values:
            raise FieldError(f"is not one of {', '.join(values)}")
        return written

    return take


def _decimal(written: str, places: int) -> Decimal:
    plain = western(written).translate(_ARABIC_POINT)
    if not _AMOUNT.fullmatch(plain) or len(plain.partition(".")[2]) > places:
        raise FieldError(f"is not a number with at most {places} decimals")
    return Decimal(plain)
