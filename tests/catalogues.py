"""Are the catalogues whole? `python -m tests.catalogues` says what is wrong, one line each."""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

from bot.channels.segments import count as count_segments
from flows.normalise import normalise
from locales.catalogue import LANGUAGES, Catalogue, catalogue
from tests.texts.reading import PLACEHOLDER, SAMPLES, as_shown, out_of_order

__all__ = ["SAMPLES", "as_shown", "complaints", "used_keys"]

ROOT = Path(__file__).parent.parent
CODE = ("bot", "flows", "domain", "locales")
PLURALS = {"ar": 6, "en": 2}
# The forms that one number alone has may leave the number out.
ONE_NUMBER = {"ar": 3, "en": 1}
WORDS = "words."
SAYS = {"text", "counted", "Text"}
# The letters of Arabic that these modules need in order to recognise it.
MAY_HOLD_ARABIC = ("flows/amounts.py", "flows/normalise.py")
_ARABIC = re.compile(r"[\u0600-\u06ff]")
_KEY = re.compile(r"[a-z_]+\.[a-z_]+|not_understood")
_FAMILY = re.compile(r"[a-z_]+\.")
# A page of the console says a text by its key, or one of a family: say("console.home"), known("job." ~ name, name).
_SAID_ON_PAGE = re.compile(r'\b(?:say|count|known)\("([a-z_]+\.[a-z_]*)"')
# Digits joined by a hyphen or a space turn around after an Arabic letter; so do two numbers from placeholders.
_TURNS_AROUND = re.compile(r"[0-9}] *[-\u2010-\u2015] *[0-9{]|[0-9] +[0-9]|[0-9] +\{|\} +[0-9]|[-+\u2212][0-9]")


def complaints() -> Iterator[str]:
    """Yield what is wrong, a line each."""
    yield from _wrong_keys()
    yield from _wrong_calls()
    yield from _texts_in_code()
    yield from _different_placeholders()
    for language in LANGUAGES:
        yield from _wrong_file(language, ROOT / "locales" / language / "messages.po")
        yield from wrong_texts(catalogue(language))
        yield from out_of_order(catalogue(language))


def wrong_texts(of: Catalogue) -> Iterator[str]:
    """Yield what is wrong with the texts of one language, whatever the code and the other language say."""
    yield from _wrong_forms(of)
    yield from _wrong_templates(of)
    yield from _wrong_approved(of)
    yield from _wrong_sms(of)
    yield from _wrong_words(of)


def used_keys() -> dict[str, str]:
    """Return every key that the code names, and where."""
    in_code = {key: where for where, tree in _modules() for node in ast.walk(tree) for key in _keys_of(node)}
    return {**in_code, **{key: where for key, where in _on_pages().items() if _KEY.fullmatch(key)}}


@cache
def _on_pages() -> dict[str, str]:
    """Return what the console's pages say, and where: keys, and beginnings of keys."""
    pages = sorted((ROOT / "bot" / "console" / "templates").glob("*.html"))
    return {key: page.name for page in pages for key in _SAID_ON_PAGE.findall(page.read_text(encoding="utf-8"))}


@cache
def _modules() -> tuple[tuple[str, ast.Module], ...]:
    paths = [path for folder in CODE for path in sorted((ROOT / folder).rglob("*.py"))]
    return tuple((str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))) for path in paths)


def _keys_of(node: ast.AST) -> Iterator[str]:
    if _says(node):
        yield from _keys_within(node.args[:1])  # type: ignore[attr-defined]
    # A key that is chosen by a method of its own is returned from there.
    if isinstance(node, ast.Return) and isinstance(node.value, ast.Constant):
        yield from _keys_within([node.value])
    # A page of the console is given the key of its title.
    if isinstance(node, ast.keyword) and node.arg == "title":
        yield from _keys_within([node.value])


def _says(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Attribute):
        return node.func.attr == "say"
    return isinstance(node.func, ast.Name) and node.func.id in SAYS


def _keys_within(expressions: list[ast.expr]) -> list[str]:
    parts = (part for expression in expressions for part in ast.walk(expression))
    constants = (part.value for part in parts if isinstance(part, ast.Constant))
    return [value for value in constants if isinstance(value, str) and _KEY.fullmatch(value)]


def _families() -> set[str]:
    """Return the beginnings of the keys that are put together: `words.` of f"words.{command}"."""
    strings = (node for _, tree in _modules() for node in ast.walk(tree) if isinstance(node, ast.JoinedStr))
    first = (node.values[0] for node in strings if node.values)
    values = (part.value for part in first if isinstance(part, ast.Constant))
    of_pages = {key for key in _on_pages() if _FAMILY.fullmatch(key)}
    return of_pages | {value for value in values if isinstance(value, str) and _FAMILY.fullmatch(value)}


def _constants() -> set[str]:
    nodes = (node for _, tree in _modules() for node in ast.walk(tree))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def _wrong_keys() -> Iterator[str]:
    used, families, constants = used_keys(), tuple(_families()), _constants()
    for language in LANGUAGES:
        known = catalogue(language).keys()
        for key in sorted(set(used) - known):
            yield f"{used[key]}: {key} is not in the catalogue {language}"
        for key in sorted(known - set(used)):
            if not key.startswith(families):
                yield f"{language}: nobody says {key}"
            elif key.startswith(WORDS) and key.removeprefix(WORDS) not in constants:
                yield f"{language}: nobody listens for {key}"
    for key in sorted(catalogue("ar").keys() ^ catalogue("en").keys()):
        yield f"{key} is in one language only"


def _wrong_calls() -> Iterator[str]:
    """Yield calls of text() and counted() that don't suit the texts which they name."""
    for where, tree in _modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"text", "counted"}:
                for key in _keys_within(node.args[:1]):
                    for wrong in _wrong_call(node, key, counts=node.func.id == "counted"):
                        yield f"{where}:{node.lineno}: {wrong}"


def _wrong_call(call: ast.Call, key: str, *, counts: bool) -> Iterator[str]:
    for language in LANGUAGES:
        forms = catalogue(language).forms.get((None, key), ())
        if forms and (len(forms) > 1) != counts:
            yield f"{key} is said by {'counted' if counts else 'text'}(), and its {language} has {len(forms)} forms"
        given = {keyword.arg for keyword in call.keywords}
        wanted = _placeholders(forms) - ({"count"} if len(forms) > 1 else set())
        if None not in given and wanted - given:  # None stands for **values
            yield f"{key} is said without {', '.join(sorted(wanted - given))}"


def _placeholders(forms: tuple[str, ...]) -> set[str]:
    return {name for form in forms for name in PLACEHOLDER.findall(form)}


def _wrong_file(language: str, path: Path) -> Iterator[str]:
    """Yield what gettext's tools leave behind in a file: doubtful, obsolete and doubled entries."""
    raw = path.read_text(encoding="utf-8")
    with path.open("rb") as file:
        read = read_po(file, locale=language, abort_invalid=True)
    yield from (f"{language}: {message.id} is marked fuzzy" for message in read if message.id and message.fuzzy)
    yield from (f"{language}: {key} is obsolete" for key in read.obsolete)
    entries = re.findall(r'^(?:msgctxt "(.*)"\n)?msgid "(.+)"$', raw, re.MULTILINE)
    yield from (
        f"{language}: {key} stands there twice" for _, key in sorted({e for e in entries if entries.count(e) > 1})
    )
    if read.num_plurals != PLURALS[language]:
        yield f"{language}: the header says {read.num_plurals} plural forms, not {PLURALS[language]}"


def _wrong_forms(of: Catalogue) -> Iterator[str]:
    for (context, key), forms in of.forms.items():
        where = f"{of.language}: {key}{' (sms)' if context else ''}"
        if len(forms) not in {1, PLURALS[of.language]}:
            yield f"{where} has {len(forms)} plural forms, not {PLURALS[of.language]}"
        if not all(form.strip() for form in forms):
            yield f"{where} has an empty form"
        if len(forms) > 1 and not all("{count}" in form for form in forms[ONE_NUMBER[of.language] :]):
            yield f"{where} does not say the number, in a form of many numbers"
        if len({frozenset(PLACEHOLDER.findall(form)) - {"count"} for form in forms}) > 1:
            yield f"{where} has other placeholders in some of its forms"


def _wrong_templates(of: Catalogue) -> Iterator[str]:
    for (_, key), forms in of.forms.items():
        if any(brace in PLACEHOLDER.sub("", form) for form in forms for brace in "{}"):
            yield f"{of.language}: {key} has a brace that is no placeholder"
        if of.language == "ar" and any(_TURNS_AROUND.search(form) for form in forms):
            yield f"ar: {key} has digits that turn around in an Arabic line; give them as a Code"


def _wrong_approved(of: Catalogue) -> Iterator[str]:
    """WhatsApp approves no template whose body starts or ends with a variable."""
    for (_, key), forms in of.forms.items():
        if key.startswith("template.") and any(form.startswith("{") or form.endswith("}") for form in forms):
            yield f"{of.language}: {key} starts or ends with a variable"


def _wrong_sms(of: Catalogue) -> Iterator[str]:
    """What is written for SMS may say less than the plain text, never more; in English it must not cost UCS-2."""
    for context, key in of.forms:
        plain = of.forms.get((None, key), ())
        sms = of.forms.get(("sms", key), plain)
        if context and not plain:
            yield f"{of.language}: {key} is written for SMS only"
        elif context and _placeholders(sms) - _placeholders(plain):
            yield f"{of.language}: {key} (sms) has placeholders that the plain text has not"
        costly = of.language == "en" and any(count_segments(form).encoding != "GSM-7" for form in sms)
        if costly and (context or sms is plain):
            yield f"en: {key} would make an SMS of UCS-2 segments"


def _wrong_words(of: Catalogue) -> Iterator[str]:
    for key in sorted(filter(re.compile(WORDS).match, of.keys())):
        if not all(normalise(phrase) for phrase in of.words(key)):
            yield f"{of.language}: {key} has a phrase without a letter"


def _different_placeholders() -> Iterator[str]:
    arabic, english = catalogue("ar").forms, catalogue("en").forms
    for key in sorted((key for key in set(arabic) & set(english) if key[0] is None), key=str):
        if _placeholders(arabic[key]) - {"count"} != _placeholders(english[key]) - {"count"}:
            yield f"{key[1]}: the placeholders differ"
        if (len(arabic[key]) > 1) != (len(english[key]) > 1):
            yield f"{key[1]}: counted in one language only"


def _texts_in_code() -> Iterator[str]:
    for where, tree in _modules():
        if where in MAY_HOLD_ARABIC:
            continue
        documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            text = node.value if isinstance(node, ast.Constant) and id(node) not in documentation else None
            if isinstance(text, str) and _ARABIC.search(text):
                yield f"{where}: a text for customers in code: {text[:30]}"


def main() -> None:
    """Print the complaints; exit 1 when there are any."""
    found = list(complaints())
    print("\n".join(found) or f"{len(catalogue('ar').forms)} texts, whole in {len(LANGUAGES)} languages")  # noqa: T201
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
