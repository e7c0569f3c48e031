"""Nobody but Twilio speaks to the webhooks, and nothing is touched for anybody else."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from bot.app import create_app
from bot.services import Services
from bot.settings import read_settings
from domain.messages import DeliveryEvent, Message
from tests.noor import SARA, WHATSAPP, Noor
from tests.twilio import deliver, inbound, post, sign
from tests.world import AUTH_TOKEN, BASE_URL

MESSAGES = "/webhooks/twilio/messages"
STATUS = "/webhooks/twilio/status?message=0199a000-0000-7000-8000-000000000000"


@pytest.fixture
def touched(services: Services) -> Iterator[list[str]]:
    """Every use of a database connection from here on."""
    uses: list[str] = []

    def note(*_: object) -> None:
        uses.append("checkout")

    event.listen(services.door.engine, "checkout", note)
    yield uses
    event.remove(services.door.engine, "checkout", note)


def _rows(services: Services) -> int:
    with services.door.for_every_business() as session:
        messages = session.scalar(select(func.count()).select_from(Message)) or 0
        events = session.scalar(select(func.count()).select_from(DeliveryEvent)) or 0
    return messages + events


@pytest.mark.parametrize("path", [MESSAGES, STATUS])
@pytest.mark.parametrize(
    "signature",
    ["", "x", "bm90IGEgc2lnbmF0dXJlIGF0IGFsbCEh", "ü", "the right one of another request", "a foreign token's"],
)
def test_a_signature_that_does_not_hold_is_refused_and_touches_nothing(
    app: Flask, noor: Noor, services: Services, touched: list[str], path: str, signature: str
) -> None:
    form = inbound("whatsapp", SARA, WHATSAPP, "balance")
    if signature.startswith("the right"):
        signature = sign(BASE_URL + path, {**form, "Body": "hi"})
    if signature.startswith("a foreign"):
        signature = sign(BASE_URL + path, form, token="somebody-else's")
    assert post(app, path, form, signature=signature).status_code == 403
    assert touched == []
    assert _rows(services) == 0


def test_another_account_is_refused_even_with_our_token(app: Flask, noor: Noor) -> None:
    form = {**inbound("whatsapp", SARA, WHATSAPP, "hi"), "AccountSid": "AC" + "f" * 32}
    assert deliver(app, form).status_code == 403


def test_the_address_signed_is_the_public_one_whatever_the_request_says(app: Flask, noor: Noor) -> None:
    form = inbound("whatsapp", SARA, WHATSAPP, "hi")
    assert deliver(app, form, base_url="http://internal.example:9999").status_code == 200


@pytest.mark.parametrize("query", ["?a=%D8%B9%2F%27%7e", "?message=1&message=2", "?"])
def test_the_target_is_signed_byte_for_byte(app: Flask, noor: Noor, query: str) -> None:
    form = inbound("whatsapp", SARA, WHATSAPP, "hi")
    # The validator of Twilio's library itself drops a bare question mark, so such a target is never signed.
    signed = BASE_URL + MESSAGES + query.rstrip("?")
    raw = MESSAGES + query.rstrip("?")
    response = app.test_client().post(
        MESSAGES + query,
        data=form,
        headers={"X-Twilio-Signature": sign(signed, form)},
        environ_overrides={"RAW_URI": raw, "REQUEST_URI": raw},
    )
    assert response.status_code == 200


def test_while_a_token_is_rotated_both_sign(environment: dict[str, str], empty: None, noor: Noor) -> None:
    rotating = create_app(read_settings({**environment, "TWILIO_AUTH_TOKEN": f"the-new-one, {AUTH_TOKEN}"}))
    for token in ("the-new-one", AUTH_TOKEN):
        form = inbound("whatsapp", SARA, WHATSAPP, "hi")
        assert deliver(rotating, form, signature=sign(BASE_URL + MESSAGES, form, token)).status_code == 200
    rotating.extensions["raseed"].close()
