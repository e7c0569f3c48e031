"""Meter numbers (DRN) and meter PANs, with their check digits (IEC 62055-41, 6.1; ISO/IEC 7812-1)."""

from typing import Final

from stdnum import luhn

from domain.sts.errors import NumberError

IIN_11: Final = "600727"
IIN_13: Final = "0000"
_SEPARATORS: Final = str.maketrans("", "", " -")


def meter_number(text: str, *, check: bool = True) -> str:
    """Return the meter number in `text` as 11 or 13 digits, without spaces and dashes.

    `check=False` lets a wrong check digit pass, for meters that were relabelled. Raises NumberError.
    IEC 62055-41, 6.1.
    """
    number = text.translate(_SEPARATORS)
    _only_digits(number, "meter number", (11, 13))
    if check and not luhn.is_valid(number):
        raise NumberError(f"the check digit of meter number {number} is wrong")
    return number


def meter_pan(number: str, iin: str | None = None, *, check: bool = True) -> str:
    """Return the 18 digits of a meter's PAN: issuer, meter number, check digit.

    `number` is a meter number, `iin` its issuer: 0000 with 13 digits, with 11 digits 600727 unless another of 6
    digits is given. Raises NumberError. IEC 62055-41, 6.1.
    """
    number = meter_number(number, check=check)
    issuer = iin or (IIN_11 if len(number) == 11 else IIN_13)
    if not (issuer.isascii() and issuer.isdigit()) or len(issuer) + len(number) != 17:
        raise NumberError(f"issuer {issuer} doesn't go with a meter number of {len(number)} digits")
    return f"{issuer}{number}{luhn.calc_check_digit(issuer + number)}"


def checked_pan(text: str, *, check: bool = True) -> str:
    """Return the PAN in `text` as 18 digits; its own check digit and its meter number's must be right.

    `check=False` lets the meter number's pass. Raises NumberError. IEC 62055-41, 6.1.
    """
    pan = text.translate(_SEPARATORS)
    _only_digits(pan, "PAN", (18,))
    if not luhn.is_valid(pan):
        raise NumberError(f"the check digit of PAN {pan} is wrong")
    meter_number(parts_of(pan)[1], check=check)
    return pan


def parts_of(pan: str) -> tuple[str, str]:
    """Return issuer and meter number of a PAN of 18 digits: 0000 and 13 digits, or 6 and 11."""
    return (pan[:4], pan[4:17]) if pan.startswith(IIN_13) else (pan[:6], pan[6:17])


def _only_digits(text: str, what: str, lengths: tuple[int, ...]) -> None:
    if not (text.isascii() and text.isdigit()) or len(text) not in lengths:
        raise NumberError(f"a {what} has {' or '.join(map(str, lengths))} digits")
