"""Amounts in few bits: an exponent and a mantissa (IEC 62055-41, 6.3: Amount).

A field of exponent e and mantissa m stands for offset(e) + m * 10^e base units, where each exponent's values begin just
above the last one's. What can't be said exactly is said by the next greater value: the customer's favour.
"""

import math
from decimal import Decimal
from fractions import Fraction
from typing import Final

from domain.sts.errors import RangeError, within

MANTISSAS: Final = 1 << 14
LARGEST_EXACT: Final = MANTISSAS - 1  # 1638.3 kWh: up to here every base unit has a field of its own
UNITS_EXPONENTS: Final = 4
CURRENCY_EXPONENTS: Final = 32
CURRENCY_PLACES: Final = 5  # a currency credit counts hundred-thousandths of the currency
_MOST_PLACES: Final = 60


_STEPS: Final = tuple(int(f"1{'0' * exponent}") for exponent in range(CURRENCY_EXPONENTS))


def _offset(exponent: int) -> int:
    return MANTISSAS * (_STEPS[exponent] - 1) // 9


def _largest(exponent: int) -> int:
    return _offset(exponent) + LARGEST_EXACT * _STEPS[exponent]


_OFFSETS: Final = tuple(_offset(exponent) for exponent in range(CURRENCY_EXPONENTS))
_LARGEST: Final = tuple(_largest(exponent) for exponent in range(CURRENCY_EXPONENTS))
LARGEST_UNITS: Final = _LARGEST[UNITS_EXPONENTS - 1]
LARGEST_CURRENCY: Final = _LARGEST[-1]


def encode_units(units: int) -> int:
    """Return the 16-bit field (exponent 2, mantissa 14) of the least representable amount that is at least `units`.

    `units` are base units: 0.1 kWh, 0.1 m3 or 0.1 minutes of credit, 1 W of a limit; 0 to 18,201,624. Exact up to
    16,383. Raises RangeError. IEC 62055-41, 6.3 (Amount).
    """
    return _encode(within("amount in base units", units, LARGEST_UNITS))


def decode_units(field: int) -> int:
    """Return the base units of a 16-bit amount field. Raises RangeError. IEC 62055-41, 6.3 (Amount)."""
    return _decode(within("amount field", field, 0xFFFF))


def encode_currency(units: int) -> int:
    """Return the 20-bit field (sign, exponent 5, mantissa 14) of an amount of currency.

    `units` are hundred-thousandths of the currency, negative ones too; what can't be said exactly goes up, so a
    negative amount goes towards nothing. Raises RangeError beyond +-`LARGEST_CURRENCY`. IEC 62055-41, 6.3 (Amount).
    """
    within("amount in hundred-thousandths", units, LARGEST_CURRENCY, -LARGEST_CURRENCY)
    return _encode(units) if units >= 0 else 1 << 19 | _encode_down(-units)


def decode_currency(field: int) -> int:
    """Return the hundred-thousandths, with their sign, of a 20-bit currency field. Raises RangeError."""
    within("currency field", field, 0xFFFFF)
    size = _decode(field & 0x7FFFF)
    return -size if field >> 19 else size


def scaled_up(amount: Decimal, places: int) -> int:
    """Return `amount` in units of 10^-`places`, a broken unit rounded up: kWh have 1 place, currency 5.

    Raises RangeError when it is no finite number, or of a size that no token can carry.
    """
    if not amount.is_finite() or abs(amount.adjusted()) > _MOST_PLACES:
        raise RangeError("the amount is no number that a token can carry")
    return math.ceil(Fraction(amount) * _STEPS[places])


def exact_parts(units: int) -> list[int]:
    """Return parts of at most 16,383 base units that sum to `units`: tokens that round nothing away.

    `units` are at least 1. Raises RangeError.
    """
    if units < 1:
        raise RangeError(f"amount in base units is {units}; it must be at least 1")
    full, rest = divmod(units, LARGEST_EXACT)
    return [LARGEST_EXACT] * full + [rest] * bool(rest)


def _encode(units: int) -> int:
    exponent = next(e for e, largest in enumerate(_LARGEST) if units <= largest)
    mantissa = max(0, -((_OFFSETS[exponent] - units) // _STEPS[exponent]))
    return exponent << 14 | mantissa


def _encode_down(units: int) -> int:
    exponent = next(e for e in reversed(range(CURRENCY_EXPONENTS)) if _OFFSETS[e] <= units)
    mantissa = min(LARGEST_EXACT, (units - _OFFSETS[exponent]) // _STEPS[exponent])
    return exponent << 14 | mantissa


def _decode(field: int) -> int:
    exponent, mantissa = field >> 14, field & LARGEST_EXACT
    return _OFFSETS[exponent] + mantissa * _STEPS[exponent]
