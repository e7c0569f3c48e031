"""What customers type is made comparable, whatever its spelling."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.normalise import normalise, without_clitics

# Letters that compose, accents, marks, digits of several scripts, and what can't be seen.
NASTY = (
    "aİßΐé\u0301\u0308ᄀ\u1161ﷺﻓ\ufe0f\u20e3🔟1٣۳²\u200b\u061c\u202e\u2066\u0640\u064e\u0654اأةىیک،؟_-. \n\x00\ud800"
)


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("  كَمْ رصيـــدي؟! ", "كم رصيدي"),
        ("أإآٱ", "اااا"),
        ("قائمة", "قايمه"),
        ("٢۳4", "234"),
        ("1️⃣", "1"),
        ("ﻓﻮﺍﺗﻴﺮ", "فواتير"),
        ("HeLLo,   World_", "hello world"),
        ("\u202aabc\u202c", "abc"),
        ("١٬٢٣٤٫٥", "1 234 5"),
        ("🔟", "10"),
        ("رصـ\u061cيد", "رصيد"),
        ("İSTANBUL", "istanbul"),
        ("ᄀ\u200b\u1161", "가"),
    ],
)
def test_what_is_typed_is_made_comparable(written: str, compared: str) -> None:
    assert normalise(written) == compared


@pytest.mark.parametrize(
    ("written", "compared"),
    [
        ("الموظف", "موظف"),
        ("والرصيد", "رصيد"),
        ("بالعربي", "عربي"),
        ("للفواتير", "فواتير"),
        ("وقف", "وقف"),
        ("لا", "لا"),
        ("menu", "menu"),
    ],
)
def test_particles_are_taken_off_where_a_word_is_left(written: str, compared: str) -> None:
    assert without_clitics(normalise(written)) == compared


@given(st.one_of(st.text(max_size=300), st.text(alphabet=NASTY, max_size=40)))
def test_making_comparable_never_fails_and_is_done_once(written: str) -> None:
    once = normalise(written)
    assert normalise(once) == once
    assert not any(unicodedata.category(letter) in {"Cc", "Cf", "Cs"} for letter in once)
    without_clitics(once)
