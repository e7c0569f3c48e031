"""Codes, digits that people copy and dial, are read and copied as they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locales.speech import Speech
from locales.text import Code, group, text
from tests.texts.reading import as_shown

ARABIC, ARABIC_SMS = Speech("ar", sms=False), Speech("ar", sms=True)
ENGLISH, ENGLISH_SMS = Speech("en", sms=False), Speech("en", sms=True)
LINK = "https://noor.example/i/a-b_c-d?x=1-2"


@pytest.mark.parametrize(
    ("code", "rich", "sms"),
    [
        (LINK, LINK, LINK),  # a changed address leads nowhere
        ("INV-2026-001", "INV-2026-001", "INV-2026-001"),
        ("0401-2345-678", "0401-2345-678", "0401\u00a02345\u00a0678"),
        ("+966501234567", "+966501234567", "00966501234567"),  # the plus would be seen behind
        ("+966 50 123", "+966 50 123", "00966\u00a050\u00a0123"),
        ("١٢٣٤-٥٦٧٨", "1234-5678", "1234\u00a05678"),
        ("2026/001", "2026/001", "2026/001"),
    ],
)
@pytest.mark.parametrize("base", ["R", ""])
def test_a_code_in_an_arabic_line(code: str, rich: str, sms: str, base: str) -> None:
    assert ARABIC.code(code) == f"\u2066{rich}\u2069"
    assert ARABIC_SMS.code(code) == sms
    assert rich in as_shown(f"الرقم {ARABIC.code(code)} لديكم", base)
    assert sms in as_shown(f"الرقم {ARABIC_SMS.code(code)} لديكم", base)


def test_a_token_stands_in_groups_of_four() -> None:
    token = group("1234 5678-9012\u00a034567890")
    assert token == Code("12345678901234567890", 4)
    said = [speech.say(text("balance.meter", meter=token)) for speech in (ARABIC, ARABIC_SMS, ENGLISH, ENGLISH_SMS)]
    apart, hyphens = "1234\u00a05678\u00a09012\u00a03456\u00a07890", "1234-5678-9012-3456-7890"
    assert said == [f"عدّاد \u2066{apart}\u2069", f"عدّاد {apart}", f"Meter {apart}", f"Meter {hyphens}"]


@given(st.from_regex(r"[0-9]{1,6}([- ][0-9]{1,6}){0,5}", fullmatch=True))
def test_groups_of_digits_never_turn_around(code: str) -> None:
    for speech in (ARABIC, ARABIC_SMS):
        for line in ("الرقم {} لديكم", "{}", "{} لديكم", "الرقم {}"):
            said = speech.code(code)
            assert said.strip("\u2066\u2069") in as_shown(line.format(said))
