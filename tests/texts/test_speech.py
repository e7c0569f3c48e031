"""What is said reads right: digits, amounts, dates and names, in either language, on either kind of channel."""

import unicodedata
from datetime import date
from decimal import Decimal

import pytest

from domain.money import Money
from locales.catalogue import UnknownText, catalogue
from locales.speech import MissingValue, Speech
from locales.text import Code, Name, Text, counted, text
from tests.texts.reading import as_shown

ARABIC, ARABIC_SMS = Speech("ar", sms=False), Speech("ar", sms=True)
ENGLISH, ENGLISH_SMS = Speech("en", sms=False), Speech("en", sms=True)
ISOLATES = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069"))
TOKEN = "1234-5678-9012-3456-7890"


@pytest.mark.parametrize(
    ("speech", "minor", "currency", "said"),
    [
        (ARABIC, 21435, "SAR", "\u2066214.35\u2069\u00a0ر.س"),
        (ARABIC_SMS, 123450, "SAR", "1,234.50\u00a0ر.س"),
        (ENGLISH, 21435, "SAR", "SAR\u00a0214.35"),
        (ENGLISH_SMS, 5, "SAR", "SAR 0.05"),
        (ENGLISH_SMS, 1234567, "KWD", "KWD 1,234.567"),
        (ENGLISH, -2550, "SAR", "\u2212SAR\u00a025.50"),
        (ENGLISH_SMS, -2550, "SAR", "-SAR 25.50"),
        (ARABIC, -2550, "SAR", "\u2066\u221225.50\u2069\u00a0ر.س"),
        (ARABIC, 700, "JPY", "\u2066700\u2069\u00a0JPY"),
        (ENGLISH_SMS, 700, "JPY", "JPY 700"),
    ],
)
def test_money(speech: Speech, minor: int, currency: str, said: str) -> None:
    assert speech.money(Money(minor, currency)) == said


@pytest.mark.parametrize(
    ("count", "days"), [(0, "لا أيام متبقية"), (1, "يوم واحد"), (2, "يومان"), (3, "3 أيام"), (10, "10 أيام"),
    (11, "11 يومًا"), (99, "99 يومًا"), (100, "100 يوم"), (103, "103 أيام"), (111, "111 يومًا")],
)  # fmt: skip
def test_arabic_counts_in_six_ways(count: int, days: str) -> None:
    said = ARABIC.say(counted("balance.subscription", count, plan="الباقة", last_day=date(2026, 11, 28)))
    assert f"{days}، وآخر يوم في الخدمة 28 نوفمبر 2026" in said.replace("\u00a0", " ").translate(ISOLATES)


def test_a_code_in_an_arabic_sentence_is_read_in_order() -> None:
    for speech in (ARABIC, ARABIC_SMS):
        shown = as_shown(speech.say(text("balance.meter", meter=Code(TOKEN))))
        assert TOKEN.replace("-", "\u00a0" if speech.sms else "-") in shown
    # And this is what would become of it otherwise.
    assert TOKEN not in as_shown(f"عدّاد {TOKEN}")


def test_a_name_can_not_disturb_the_sentence() -> None:
    said = ENGLISH.say(text("hello.customer", name=Name("A\u202eb*c_\nd{0}{business}" + "x" * 200), business="Noor"))
    assert "\u202e" not in said
    assert "*" not in said
    assert "\n" not in said
    assert "{0}{business}" in said
    assert len(said) < 130
    assert ARABIC.name("Omar (Shop)") == "\u2068Omar (Shop)\u2069"
    assert ENGLISH.name("سارة") == "\u2068سارة\u2069"
    assert ARABIC_SMS.name("سارة") == "سارة"
    assert ARABIC.name("سارة\u061c\ud800\u2028علي") == "\u2068سارة علي\u2069"
    assert ENGLISH_SMS.name("O’Brien – “Shop”") == 'O\'Brien - "Shop"'


def test_an_arabic_line_of_nothing_but_a_value_begins_at_the_right() -> None:
    line = ARABIC.line(text("invoices.description", description=Name("استهلاك الكهرباء")))
    assert unicodedata.bidirectional(line[0]) == "R"
    assert line.endswith("\u2068استهلاك الكهرباء\u2069")
    said = ARABIC.line(text("invoices.issued", issued=date(2026, 10, 1)))
    assert unicodedata.bidirectional(said[0]) == "AL"


def test_what_is_missing_is_an_error_that_names_it() -> None:
    with pytest.raises(UnknownText, match=r"no\.such"):
        ENGLISH.say(text("no.such"))
    with pytest.raises(MissingValue, match=r"hello\.anybody: business"):
        ENGLISH.say(text("hello.anybody"))


def test_numbers() -> None:
    assert ENGLISH.number(1234567) == "1,234,567"
    assert ARABIC_SMS.number(Decimal("120.4")) == "120.4"
    assert ENGLISH.number(Decimal("1E+3")) == "1,000"
    assert ENGLISH_SMS.number(-5) == "-5"


@pytest.mark.parametrize("speech", [ARABIC, ARABIC_SMS], ids=["whatsapp", "sms"])
@pytest.mark.parametrize("base", ["R", ""])
def test_a_minus_is_seen_before_its_number_in_an_arabic_line(speech: Speech, base: str) -> None:
    for said in (speech.number(-5), speech.number(Decimal("-1234.5")), speech.money(Money(-2550, "SAR"))):
        shown = as_shown(f"الرصيد {said} الآن", base)
        assert any(figure in shown for figure in ("\u22125 ", "\u22121,234.5", "\u221225.50"))


@pytest.mark.parametrize("base", ["R", "L", ""])
def test_an_arabic_date_is_read_in_one_piece(base: str) -> None:
    for speech in (ARABIC, ARABIC_SMS):
        shown = as_shown(f"في {speech.date(date(2026, 11, 28))}", base)
        assert "2026 ربمفون 28" in shown.replace("\u00a0", " ")


def test_a_text_of_the_other_language_stands_apart() -> None:
    inner = Text("menu.help", language="en")
    assert ARABIC.say(text("hello.anybody", business=inner)) == "أهلًا بكم، معكم \u2068Help\u2069."
    assert ARABIC_SMS.say(text("hello.anybody", business=inner)) == "أهلًا بكم، معكم Help."


def test_texts_written_for_sms_cost_few_segments() -> None:
    assert catalogue("en").message("menu.choose", sms=True, count=None) != catalogue("en").message(
        "menu.choose", sms=False, count=None
    )
