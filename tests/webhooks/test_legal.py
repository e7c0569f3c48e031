"""The legal pages: public, in both languages, and harmless whoever names which business."""

import hashlib
import re
from base64 import b64encode
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from bot.services import Services
from domain.businesses import Business
from tests.chat import Chat
from tests.noor import SARA, WHATSAPP, Noor

PAGES = ("/legal/privacy", "/legal/terms")


@pytest.mark.parametrize("page", PAGES)
def test_in_arabic_from_right_to_left(app: Flask, noor: Noor, page: str) -> None:
    answer = app.test_client().get(f"{page}?business=NOOR&lang=ar")
    assert answer.status_code == 200
    assert answer.content_type == "text/html; charset=utf-8"
    assert answer.headers["Content-Language"] == "ar"
    assert '<html lang="ar" dir="rtl">' in answer.text
    assert "كهرباء النور" in answer.text
    assert f'<bdi dir="ltr">{WHATSAPP}</bdi>' in answer.text


@pytest.mark.parametrize(("page", "says"), [(PAGES[0], "How we handle your data"), (PAGES[1], "Terms of this service")])
def test_in_english(app: Flask, noor: Noor, page: str, says: str) -> None:
    answer = app.test_client().get(f"{page}?business=NOOR&lang=en")
    assert '<html lang="en" dir="ltr">' in answer.text
    assert f"<h1>{says}</h1>" in answer.text
    assert "Noor Electricity" in answer.text
    assert "{" not in re.sub(r"<style>.*?</style>", "", answer.text, flags=re.DOTALL)


@pytest.mark.parametrize("code", ["", "GONE", "noor", "%00", "'; DROP TABLE business; --", "<script>", "x" * 3000])
def test_who_is_not_known_gets_a_neutral_page(app: Flask, noor: Noor, code: str) -> None:
    answer = app.test_client().get("/legal/privacy", query_string={"business": code, "lang": "en"})
    assert answer.status_code == 200
    assert "the company that you write to" in answer.text
    assert "Noor" not in answer.text
    assert "<script" not in answer.text


def test_the_language_is_asked_for_or_the_companys_or_the_browsers(app: Flask, noor: Noor, services: Services) -> None:
    def language(query: str, prefers: str = "") -> str:
        answer = app.test_client().get(f"/legal/privacy{query}", headers={"Accept-Language": prefers})
        return answer.headers["Content-Language"]

    assert language("?business=NOOR&lang=en", "ar") == "en"
    assert language("?business=NOOR", "en") == "ar"
    with services.door.for_every_business() as session:
        session.execute(update(Business).values(language="en"))
    assert language("?business=NOOR&lang=xx") == "en"
    assert language("", "en-GB,en;q=0.9") == "en"
    assert language("", "fr") == "ar"


@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_loaded_and_nothing_runs(app: Flask, noor: Noor, page: str) -> None:
    answer = app.test_client().get(f"{page}?business=NOOR")
    found = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert found
    style = b64encode(hashlib.sha256(found[1].encode()).digest()).decode()
    policy = answer.headers["Content-Security-Policy"]
    assert f"default-src 'none'; style-src 'sha256-{style}'" in policy
    assert not re.search(r'<script|style="|\son\w+=|src=|url\(', answer.text)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_what_a_company_calls_itself_stays_text(app: Flask, noor: Noor, services: Services) -> None:
    with services.door.for_every_business() as session:
        session.execute(update(Business).values(name_en="<b>Noor</b> & Sons", vat_number='"><i>'))
    text = app.test_client().get("/legal/privacy?business=NOOR&lang=en").text
    assert "<b>" not in text
    assert "<i>" not in text
    assert "&lt;b&gt;Noor&lt;/b&gt; &amp; Sons" in text


def test_a_customer_finds_the_page_from_the_chat(app: Flask, noor: Noor) -> None:
    sara = Chat(app, SARA)
    sara.says("privacy")
    link = re.search(r"http://127\.0\.0\.1:8000(/legal/privacy\S+)", sara.hears("كهرباء النور", "/legal/privacy"))
    assert link
    page: Any = app.test_client().get(link[1])
    assert "كيف نتعامل مع بياناتكم" in page.text
    assert "كهرباء النور" in page.text
    following = re.findall(r'href="([^"]+)"', page.text)
    assert len(following) == 2
    for way in following:
        assert app.test_client().get(f"/legal/{way.replace('&amp;', '&')}").status_code == 200
