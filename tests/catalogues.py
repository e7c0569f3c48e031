"""Are the catalogues whole? `python -m tests.catalogues` says what is wrong, one line each."""

import ast
import re
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from bidi import get_display

from domain.money import Money
from locales.catalogue import LANGUAGES, Catalogue, catalogue
from locales.speech import Speech
from locales.text import Code, Name, Text, Value

ROOT = Path(__file__).parent.parent
CODE = ("bot", "flows", "domain", "locales")
PLURALS = {"ar": 6, "en": 2}
WORDS = "words."
FAMILIES = ("words.", "currency.")  # keys that are put together from a prefix and a name
_ARABIC = re.compile(r"[\u0600-\u06ff]")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_INVISIBLE = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069\u200e\u200f"))
# The letters of Arabic that these modules need in order to recognise it.
MAY_HOLD_ARABIC = ("flows/normalise.py",)
SAMPLES: dict[str, tuple[Value, ...]] = {
    "owed": (Money(2143550, "SAR"), Money(0, "SAR"), Money(-2550, "SAR")),
    "due": (date(2026, 11, 28), date(2027, 1, 1)),
    "last_day": (date(2026, 11, 28),),
    "paused_on": (date(2026, 1, 10),),
    "meter": (Code("04012345678"), Code("0401-2345-678")),
    "account": (Code("1001"), Code("A-1002/7")),
    "name": (Name("سارة الغامدي"), Name("Omar Hassan (Shop 2)")),
    "business": (Name("كهرباء النور"), Name("Noor Electricity 24/7")),
    "plan": (Name("الباقة الشهرية"), Name("Plan 30-60")),
}


def used_keys() -> dict[str, str]:
    """Return every key that the code names, and where."""
    found = {}
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for key in _keys_of(node):
                found[key] = str(path.relative_to(ROOT))
    return found


def python_files() -> Iterator[Path]:
    """Yield the modules of the service."""
    for folder in CODE:
        yield from sorted((ROOT / folder).rglob("*.py"))


def _keys_of(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"text", "counted", "Text"}:
        for argument in node.args[:1]:
            for part in ast.walk(argument):
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and _is_key(part.value):
                    yield part.value
    # A key that is chosen by a method of its own is returned from there.
    if isinstance(node, ast.Return) and isinstance(node.value, ast.Constant) and _is_key(node.value.value):
        yield str(node.value.value)


def _is_key(value: object) -> bool:
    return isinstance(value, str) and (value == "not_understood" or bool(re.fullmatch(r"[a-z_]+\.[a-z_]+", value)))


def complaints() -> Iterator[str]:
    """Yield what is wrong, a line each."""
    yield from _wrong_keys()
    for language in LANGUAGES:
        yield from _wrong_forms(catalogue(language))
        yield from _placeholders_of_sms(catalogue(language))
    yield from _different_placeholders()
    yield from _texts_in_code()
    yield from out_of_order(catalogue("ar"))


def _wrong_keys() -> Iterator[str]:
    used = used_keys()
    for language in LANGUAGES:
        known = catalogue(language).keys()
        for key in sorted(set(used) - known):
            yield f"{used[key]}: {key} is not in the catalogue {language}"
        for key in sorted(known - set(used)):
            if not key.startswith(FAMILIES):
                yield f"{language}: nobody says {key}"
    for key in sorted(catalogue("ar").keys() ^ catalogue("en").keys()):
        yield f"{key} is in one language only"


def _wrong_forms(of: Catalogue) -> Iterator[str]:
    for (context, key), forms in of.forms.items():
        where = f"{of.language}: {key}{' (sms)' if context else ''}"
        if len(forms) not in {1, PLURALS[of.language]}:
            yield f"{where} has {len(forms)} plural forms, not {PLURALS[of.language]}"
        if not all(form.strip() for form in forms):
            yield f"{where} has an empty form"
        if of.language == "en" and context and not "".join(forms).isascii():
            yield f"{where} would cost UCS-2 segments"


def _different_placeholders() -> Iterator[str]:
    arabic, english = catalogue("ar").forms, catalogue("en").forms
    for key in sorted((key for key in set(arabic) & set(english) if key[0] is None), key=str):
        forms = (*arabic[key], *english[key])
        if len({frozenset(_PLACEHOLDER.findall(form)) - {"count"} for form in forms}) != 1:
            yield f"{key[1]}: the placeholders differ"
        if (len(arabic[key]) > 1) != (len(english[key]) > 1):
            yield f"{key[1]}: counted in one language only"


def _placeholders_of_sms(of: Catalogue) -> Iterator[str]:
    """What is written for SMS may say less, never more."""
    for (context, key), forms in of.forms.items():
        plain = {name for form in of.forms.get((None, key), ()) for name in _PLACEHOLDER.findall(form)}
        if context and {name for form in forms for name in _PLACEHOLDER.findall(form)} - plain:
            yield f"{of.language}: {key} (sms) has placeholders that the plain text has not"


def _texts_in_code() -> Iterator[str]:
    for path in python_files():
        if str(path.relative_to(ROOT)) in MAY_HOLD_ARABIC:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            text = node.value if isinstance(node, ast.Constant) and id(node) not in documentation else None
            if isinstance(text, str) and _ARABIC.search(text):
                yield f"{path.relative_to(ROOT)}: a text for customers in code: {text[:30]}"


def out_of_order(of: Catalogue) -> Iterator[str]:
    """Yield every text of `of` that a reader would see with a value out of its order, on either kind of channel.

    Each goes through the Unicode bidi algorithm, with every sample of every value, in every plural form.
    """
    for (_, key), forms in of.forms.items():
        if key.startswith(FAMILIES):
            continue
        for count in (0, 1, 2, 3, 11, 100, 12345) if len(forms) > 1 else (None,):
            for sms in (False, True):
                yield from _out_of_order(of.language, key, count, sms=sms)


def _out_of_order(language: str, key: str, count: int | None, *, sms: bool) -> Iterator[str]:
    speech = Speech(language, sms=sms)
    template = catalogue(language).message(key, sms=sms, count=count)
    names = [name for name in _PLACEHOLDER.findall(template) if name != "count"]
    for name in set(names) - set(SAMPLES):
        yield f"{key}: the check has no sample for {{{name}}}"
    for turn in range(max((len(SAMPLES.get(name, ())) for name in names), default=1)):
        values = {name: SAMPLES[name][turn % len(SAMPLES[name])] for name in names if name in SAMPLES}
        said = speech.say(Text(key, values, count))
        shown = as_shown(said)
        for name, value in values.items():
            for atom in _atoms(speech, value):
                if atom not in shown:
                    yield f"{key} ({'sms' if sms else 'whatsapp'}): {{{name}}} is shown out of order: {shown!r}"


def as_shown(said: str) -> str:
    """Return an Arabic text as it stands on a screen, from left to right."""
    lines = [str(get_display(line, base_dir="R")) for line in said.split("\n")]
    return "\n".join(lines).translate(_INVISIBLE)


def _atoms(speech: Speech, value: Value) -> Iterator[str]:
    """Yield what of a value must be found in reading order, left to right."""
    if isinstance(value, Money):
        yield f"{abs(value.major):,}"
        if value.minor < 0:
            yield f"\u2212{abs(value.major):,}"
    elif isinstance(value, date):
        yield str(value.day)
        yield str(value.year)
    elif isinstance(value, Code):
        yield speech.code(value.value).translate(_INVISIBLE)
    elif isinstance(value, Name) and value.value.isascii():
        yield value.value.split("(")[0].strip()


def main() -> None:
    """Print the complaints; exit 1 when there are any."""
    found = list(complaints())
    print("\n".join(found) or f"{len(catalogue('ar').forms)} texts, whole in {len(LANGUAGES)} languages")  # noqa: T201
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
