"""What customers type, made comparable. For matching only: what they wrote is kept as they wrote it."""

import re
import unicodedata
from typing import Final

_MARKS: Final = re.compile(r"[\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0640\ufe0e\ufe0f\u20e3]")
_INVISIBLE: Final = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")
_LETTERS: Final = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ئ": "ي", "ؤ": "و", "ة": "ه", "ک": "ك", "ی": "ي"}
)
_BETWEEN_WORDS: Final = re.compile(r"[\W_]+")
_ARABIC: Final = re.compile(r"[\u0620-\u064a]")
_LATIN: Final = re.compile(r"[A-Za-z]")
_CLITICS: Final = re.compile(r"^(?:و|ف)?(?:ب|ل)?(?:ال)?(?=\w{3})")


def normalise(text: str) -> str:
    """Return `text` in lower case, without marks, with one spelling for letters and Western digits, words by spaces."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    bare = _INVISIBLE.sub("", _MARKS.sub("", folded)).translate(_LETTERS)
    digits = "".join(_western(letter) for letter in bare) if not bare.isascii() else bare
    return _BETWEEN_WORDS.sub(" ", digits).strip()


def without_clitics(text: str) -> str:
    """Return a normalised `text` without the particles that Arabic writes as part of a word: for a second try."""
    return " ".join(_CLITICS.sub("", word) for word in text.split(" "))


def language_of(text: str) -> str | None:
    """Return the language that the letters of `text` belong to; None where there are none, as in a number."""
    if _ARABIC.search(text):
        return "ar"
    return "en" if _LATIN.search(text) else None


def _western(letter: str) -> str:
    digit = unicodedata.digit(letter, None)
    return letter if digit is None else str(digit)
