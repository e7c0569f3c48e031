"""The OpenAPI document is as the API is, and the page made of it loads nothing from elsewhere."""

import base64
import re
from hashlib import sha256

from flask import Flask

from bot.api.book import RESOURCES
from bot.api.document import document, the_document
from tests.api.people import Asker


def test_every_route_is_in_the_document(nobody: Asker) -> None:
    told = nobody.asks("GET", "/openapi.json").json
    assert told == the_document()
    assert told["openapi"].startswith("3.1")
    listed = {(path, method) for path, methods in told["paths"].items() for method in methods}
    assert listed == {
        (re.sub(r"<(?:uuid:)?(\w+)>", r"{\1}", one.path), one.method.lower())
        for resource in RESOURCES
        for one in resource.operations
        if resource is not document
    }


def test_every_reference_leads_somewhere() -> None:
    told = the_document()
    models = set(told["components"]["schemas"])
    assert set(re.findall(r"#/components/schemas/([\w-]+)", str(told))) <= models


def test_the_page_is_made_of_the_document(nobody: Asker) -> None:
    response = nobody.asks("GET", "/docs")
    page = response.text
    assert response.status_code == 200
    for path, methods in the_document()["paths"].items():
        assert f"<code>/api/v1{path}</code>" in page
        for one in methods.values():
            assert f'id="{one["operationId"]}"' in page
    assert not re.search(r"<script|<link|<img|src=|https?://", page)
    policy = response.headers["Content-Security-Policy"]
    style = re.search(r"<style>(.*)</style>", page, re.DOTALL)
    assert style
    assert f"'sha256-{base64.b64encode(sha256(style[1].encode()).digest()).decode()}'" in policy
    assert policy.startswith("default-src 'none'")


def test_every_anchor_of_the_page_is_there(nobody: Asker) -> None:
    page = nobody.asks("GET", "/docs").text
    assert set(re.findall(r'href="#([\w-]+)"', page)) <= set(re.findall(r'id="([\w-]+)"', page))


def test_nothing_of_the_api_is_kept_by_who_carries_it(app: Flask, admin: Asker) -> None:
    assert admin.asks("GET", "/me").headers["Cache-Control"] == "no-store"
    assert admin.asks("GET", "/nothing").status_code == 404
