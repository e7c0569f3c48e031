"""Electricity for which the wallet is too small: what is missing is paid by link, and the token comes by itself."""

from collections.abc import Callable

import pytest
from flask import Flask

from bot.services import Services
from tests.chat import Chat
from tests.moyasar.conftest import Sandbox
from tests.noor import SARA, Noor
from tests.payments.conftest import Till
from tests.payments.test_paying import page_in
from tests.purchases.conftest import box, buying, workers
from tests.purchases.world import Buying

__all__ = ["box", "buying", "workers"]


@pytest.fixture
def till(services: Services, noor: Noor) -> Till:
    """The till; the book began when the company began to sell."""
    return Till(services, noor)


@pytest.fixture
def sara(app: Flask, buying: Buying) -> Chat:
    return Chat(app, SARA)


def test_what_the_wallet_lacks_is_paid_by_link_and_the_token_comes(
    sara: Chat,
    till: Till,
    buying: Buying,
    moyasar: Sandbox,
    twice: Callable[..., None],
) -> None:
    buying.top_up("1001", 1_000)
    sara.says("english")
    sara.says("buy 50")
    sara.hears("Total: SAR 50.00", "In your wallet: SAR 10.00. SAR 40.00 is missing.", "1. Payment link")
    sara.says("payment link")
    till.works()
    sara.reads()
    sara.hears("To pay SAR 40.00, open this link:")
    assert (buying.purchase().state, buying.wallet("1001")) == ("awaiting_payment", 1_000)
    moyasar.pay(page_in(sara, moyasar))
    sara.says("I have paid")
    twice(till.works)
    assert (buying.purchase().state, buying.wallet("1001")) == ("paid", 0)
    sara.reads()
    buying.vends()
    (token,) = buying.tokens()
    assert token.digits[:4] in sara.reads()[-1]
    assert (buying.purchase().state, till.states()) == ("issued", ["settled"])
    till.book_is_whole()
