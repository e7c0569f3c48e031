"""Why a reading or a bill is held back, in words."""

from typing import Final

from domain.billing.measuring import CODES
from domain.readings.judging import ODDITIES
from domain.readings.taking import BY_SMS
from locales.text import Text, text

_KNOWN: Final = frozenset((*CODES, *ODDITIES, BY_SMS, "error"))


def reason_of(code: str | None) -> Text:
    """Return what a code says."""
    return Text(f"billing_code.{code}") if code in _KNOWN else text("billing_code.error")
