"""The check of the catalogues finds what it is there for; and every shipped text is read in its order."""

import ast
from pathlib import Path

import pytest

from locales import speech
from locales.catalogue import LANGUAGES, Catalogue, catalogue
from tests import catalogues
from tests.texts.reading import out_of_order

HEADER = r"""msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

"""
Forms = dict[tuple[str | None, str], tuple[str, ...]]


def made(language: str, forms: Forms) -> Catalogue:
    currencies = {key: value for key, value in catalogue(language).forms.items() if key[1].startswith("currency.")}
    return Catalogue(language, currencies | forms, catalogue(language).plural_rule)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_value_of_every_text_is_read_in_its_order(language: str) -> None:
    assert list(out_of_order(catalogue(language))) == []


@pytest.mark.parametrize(
    ("template", "wrong"),
    [
        ("عدّاد {meter}", ""),
        ("عدّاد \u202e{meter}", "{meter} is shown out of order"),
        ("في {last_day}", ""),
        ("{no_such_sample}", "has no sample for {no_such_sample}"),
    ],
)
def test_a_value_out_of_order_is_found(monkeypatch: pytest.MonkeyPatch, template: str, wrong: str) -> None:
    broken = made("ar", {(None, "sample.text"): (template,)})
    monkeypatch.setattr(speech, "catalogue", lambda _: broken)
    found = list(out_of_order(broken))
    assert bool(found) == bool(wrong)
    assert wrong in "\n".join(found)


def test_a_value_without_its_isolate_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech.Speech, "code", lambda _, code, __=0: code)
    assert any("{meter}" in line for line in out_of_order(catalogue("ar")))


@pytest.mark.parametrize(
    ("language", "forms", "wrong"),
    [
        ("ar", {(None, "a.b"): ("{count}",) * 5}, "has 5 plural forms, not 6"),
        ("ar", {(None, "a.b"): ("لا", "", "اثنان", "{count}", "{count}", "{count}")}, "has an empty form"),
        ("ar", {(None, "a.b"): ("لا", "واحد", "اثنان", "أيام", "{count}", "{count}")}, "does not say the number"),
        ("en", {(None, "a.b"): ("one {name}", "{count} days")}, "has other placeholders in some of its forms"),
        ("en", {(None, "a.b"): ("an {open",)}, "a brace that is no placeholder"),
        ("en", {(None, "a.b"): ("{name.value}",)}, "a brace that is no placeholder"),
        ("ar", {(None, "a.b"): ("اتصلوا على 920-001-234",)}, "digits that turn around"),
        ("ar", {(None, "a.b"): ("اتصلوا على 920 001 234",)}, "digits that turn around"),
        ("ar", {(None, "a.b"): ("عدّاد 12-{meter}",)}, "digits that turn around"),
        ("en", {(None, "a.b"): ("We’re here",)}, "would make an SMS of UCS-2"),
        ("en", {(None, "a.b"): ("Hi",), ("sms", "a.b"): ("Hi…",)}, "would make an SMS of UCS-2"),
        ("en", {(None, "a.b"): ("Hi",), ("sms", "a.b"): ("Hi {name}",)}, "placeholders that the plain text has not"),
        ("en", {("sms", "a.b"): ("Hi",)}, "is written for SMS only"),
        ("en", {(None, "words.x"): ("hi|",)}, "has a phrase without a letter"),
    ],
)
def test_a_wrong_text_is_found(language: str, forms: Forms, wrong: str) -> None:
    found = list(catalogues.wrong_texts(made(language, forms)))
    assert len(found) == 1
    assert wrong in found[0]


def test_what_costs_nothing_is_no_complaint() -> None:
    forms: Forms = {(None, "a.b"): ("العربية",), ("sms", "a.b"): ("Arabic",), (None, "c.d"): ("Pay {owed}: 2 €",)}
    assert list(catalogues.wrong_texts(made("en", forms))) == []
    dated: Forms = {(None, "a.b"): ("حتى 20/11/2026 الساعة 10:30",)}
    assert list(catalogues.wrong_texts(made("ar", dated))) == []


@pytest.mark.parametrize(
    ("entries", "wrong"),
    [
        ('#, fuzzy\nmsgid "a.b"\nmsgstr "x"\n', "en: a.b is marked fuzzy"),
        ('msgid "a.b"\nmsgstr "x"\n\n#~ msgid "c.d"\n#~ msgstr "y"\n', "en: c.d is obsolete"),
        ('msgid "a.b"\nmsgstr "x"\n\nmsgid "a.b"\nmsgstr "y"\n', "en: a.b stands there twice"),
    ],
)
def test_a_wrong_file_is_found(tmp_path: Path, entries: str, wrong: str) -> None:
    path = tmp_path / "messages.po"
    path.write_text(HEADER + entries, encoding="utf-8")
    assert list(catalogues._wrong_file("en", path)) == [wrong]


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ('text("no.such")', "no.such is not in the catalogue"),
        ('text("balance.owed", owed=x)', "balance.owed is said by text()"),
        ('counted("menu.help", 3)', "menu.help is said by counted()"),
        ('text("balance.meter")', "balance.meter is said without meter"),
        ('x = "مرحبا"', "a text for customers in code"),
    ],
)
def test_wrong_code_is_found(monkeypatch: pytest.MonkeyPatch, code: str, wrong: str) -> None:
    modules = (*catalogues._modules(), ("flows/sample.py", ast.parse(code)))
    monkeypatch.setattr(catalogues, "_modules", lambda: modules)
    found = list(catalogues.complaints())
    assert found
    assert all(line.startswith("flows/sample.py") for line in found)
    assert all(wrong in line for line in found)


def test_what_nobody_says_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    rest = tuple((where, tree) for where, tree in catalogues._modules() if where != "flows/help.py")
    monkeypatch.setattr(catalogues, "_modules", lambda: rest)
    assert {"ar: nobody says help.how", "en: nobody says help.how"} <= set(catalogues.complaints())
