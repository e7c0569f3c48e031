"""Telephone numbers, in any form that people write them, as E.164."""

import phonenumbers


class PhoneError(ValueError):
    """What was given can't be a telephone number."""


def to_e164(text: str, country: str) -> str:
    """Return `text` as E.164, read as dialled in `country` (ISO 3166 alpha-2) unless it is international.

    Digits may be of any script. Raises PhoneError when no such number can exist.
    """
    written = text.strip()
    try:
        number = phonenumbers.parse(f"+{written[2:]}" if written.startswith("00") else written, country)
    except phonenumbers.NumberParseException as error:
        raise PhoneError(f"{text!r} is not a telephone number") from error
    if not phonenumbers.is_possible_number(number):
        raise PhoneError(f"{text!r} is not a telephone number of {country} or of any country")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_e164(text: str) -> bool:
    """Tell whether `text` is a telephone number written as E.164."""
    return text.startswith("+") and text[1:].isascii() and text[1:].isdigit() and 7 <= len(text) <= 16


def country_of(e164: str) -> str | None:
    """Return the country (ISO 3166 alpha-2) that a number belongs to; None for one that belongs to none."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(e164))
    except phonenumbers.NumberParseException:
        return None
