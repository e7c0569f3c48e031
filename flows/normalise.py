"""What customers type, made comparable. For matching only: what they wrote is kept as they wrote it."""

import re
import unicodedata
from typing import Final

# Harakat, Quranic marks and tatweel; accents that casefold() leaves behind; what makes an emoji of a digit.
_MARKS: Final = re.compile(
    r"[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u08d3-\u08ff\u0640\u0300-\u036f\ufe00-\ufe0f\u20e3]"
)
_INVISIBLE: Final = re.compile(r"[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_LETTERS: Final = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ئ": "ي", "ؤ": "و", "ة": "ه", "ک": "ك", "ی": "ي", "🔟": "10"}
)
_BETWEEN_WORDS: Final = re.compile(r"[\W_]+")
_ARABIC: Final = re.compile(r"[\u0620-\u064a]")
_LATIN: Final = re.compile(r"[A-Za-z]")
_CLITICS: Final = re.compile(r"^(?:و|ف)?(?:لل|ب|ل)?(?:ال)?(?=\w{3})")


def normalise(text: str) -> str:
    """Return `text` in one spelling: lower case, no marks, Western digits, words parted by single spaces.

    Normalising twice changes nothing more. The order matters: presentation forms become letters before these are
    folded, and invisible characters go before punctuation, lest they part a word in two.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()  # one form of each letter (ﻓ is ف), in lower case
    bare = _INVISIBLE.sub("", _MARKS.sub("", folded))  # no marks, no tatweel, no bidi controls; 1️⃣ is 1
    letters = bare.translate(_LETTERS)  # one spelling: hamza, taa marbuta, alef maqsura, Persian kaf and yeh
    if not letters.isascii():
        # What an invisible character kept apart may join now. Then the digits of every script.
        letters = "".join(map(_western, unicodedata.normalize("NFC", letters)))
    return _BETWEEN_WORDS.sub(" ", letters).strip()  # punctuation is a space, many are one


def without_clitics(text: str) -> str:
    """Return a normalised `text` without the particles that Arabic writes as part of a word: for a second try.

    These are و ف ب ل ال, and لل for ل with ال; at least three letters of each word are left.
    """
    return " ".join(_CLITICS.sub("", word) for word in text.split(" "))


def language_of(text: str) -> str | None:
    """Return the language that the letters of `text` belong to; None where there are none, as in a number."""
    if _ARABIC.search(text):
        return "ar"
    return "en" if _LATIN.search(text) else None


def _western(letter: str) -> str:
    digit = unicodedata.digit(letter, None)
    return letter if digit is None else str(digit)
