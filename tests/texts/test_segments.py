"""Segments are paid for, so they are counted right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.render import LONGEST_TEXT, split
from bot.channels.segments import count

CASES = [
    ("", "GSM-7", 1, 0),
    ("a" * 160, "GSM-7", 1, 160),
    ("a" * 161, "GSM-7", 2, 161),
    ("a" * 306, "GSM-7", 2, 306),
    ("a" * 307, "GSM-7", 3, 307),
    ("€" * 80, "GSM-7", 1, 160),
    ("€" * 81, "GSM-7", 2, 162),
    ("a" * 152 + "€" + "a" * 7, "GSM-7", 2, 161),
    ("a" * 152 + "€" * 77, "GSM-7", 3, 306),  # 306 units would fit, but the first pair is not parted
    ("^{}\\[~]|€\f", "GSM-7", 1, 20),
    ("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ", "GSM-7", 1, 31),
    ("ç", "UCS-2", 1, 1),  # the small one is not in the alphabet; the capital is
    ("`", "UCS-2", 1, 1),
    ("ا" * 70, "UCS-2", 1, 70),
    ("ا" * 71, "UCS-2", 2, 71),
    ("ا" * 134, "UCS-2", 2, 134),
    ("ا" * 135, "UCS-2", 3, 135),
    ("ا" * 1600, "UCS-2", 24, 1600),
    ("a" * 1600, "GSM-7", 11, 1600),
    ("😀", "UCS-2", 1, 2),
    ("😀" * 35, "UCS-2", 1, 70),
    ("😀" * 36, "UCS-2", 2, 72),
    ("ا" * 66 + "😀" + "ا" * 66, "UCS-2", 3, 134),  # two segments would do, but the pair is not parted
    ("a\u00a0b", "UCS-2", 1, 3),
]


@pytest.mark.parametrize(("text", "encoding", "segments", "units"), CASES)
def test_counts(text: str, encoding: str, segments: int, units: int) -> None:
    counted = count(text)
    assert (counted.encoding, counted.segments, counted.units) == (encoding, segments, units)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=400))
def test_units_are_what_the_encoding_says(text: str) -> None:
    counted = count(text)
    if counted.encoding == "UCS-2":
        assert counted.units == len(text.encode("utf-16-be")) // 2
    assert counted.segments >= max(1, -(-counted.units // 160))


@given(st.text(alphabet="ab \n", max_size=5000))
def test_what_is_too_long_is_cut_between_lines_and_nothing_is_lost(text: str) -> None:
    parts = split(text, LONGEST_TEXT)
    assert all(len(part) <= LONGEST_TEXT for part in parts)
    assert "".join(parts).replace("\n", "").replace(" ", "") == text.replace("\n", "").replace(" ", "")
