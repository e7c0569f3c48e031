"""People at the gateway's pages and at their bank: most pay, some twice, some go away, some say that they have paid."""

from dataclasses import dataclass
from threading import Event
from time import monotonic
from typing import Any, Final
from uuid import UUID

import psycopg
import requests

from domain.door import DATABASE_ERRORS, Door, Visit
from domain.payments.asking import ask_at_once
from tests.chaos.plan import chance_of

_GOOD, _BAD = "4201320111111010", "4201321234411220"
_LOOK_EVERY: Final = 0.5
_THINK: Final = (0.0, 4.0)
_OFFERED: Final = """
    SELECT id, business_id, customer_id, page_id, biller_code, bill_number FROM payment WHERE status = 'pending'
"""
_NEVER, _TWICE, _FAIL_FIRST = 0.06, 0.05, 0.1
_COMES_BACK, _SAYS_SO = 0.4, 0.7


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be paid: a page or a bill."""

    payment_id: UUID
    business_id: UUID
    customer_id: UUID
    page_id: str | None
    biller_code: str | None
    bill_number: str | None


class Payers:
    """Pay whatever is offered, a little later. `url` shows everything; `service` is where the pages lead back to."""

    def __init__(self, door: Door, url: str, gateway: str, service: str, seed: int) -> None:
        self._door = door
        self._url = url
        self._gateway = gateway
        self._service = service
        self._chance = chance_of(seed, "payers")
        self._seen: dict[UUID, float] = {}
        self._http = requests.Session()
        self._http.trust_env = False
        self.paid = 0
        self.twice = 0
        self.never = 0

    @property
    def figures(self) -> dict[str, Any]:
        """How many were paid, how many of them twice, and how many never."""
        return {"paid at pages": self.paid, "twice": self.twice, "never": self.never}

    def pay_all(self, stopped: Event) -> None:
        """Pay until it is said to stop."""
        while not stopped.wait(_LOOK_EVERY):
            for offer in self._offers():
                if stopped.is_set():
                    break
                due = self._seen.setdefault(offer.payment_id, monotonic() + self._chance.uniform(*_THINK))
                if due <= monotonic():
                    self._seen[offer.payment_id] = float("inf")
                    self._pay(offer)
        self._http.close()

    def _offers(self) -> list[Offer]:
        try:
            with psycopg.connect(self._url) as connection:
                return [Offer(*row) for row in connection.execute(_OFFERED)]
        except psycopg.Error:
            return []

    def _pay(self, offer: Offer) -> None:
        chance = self._chance.random()
        if chance < _NEVER:
            self.never += 1
            return
        if offer.page_id is not None:
            self._at_page(offer.page_id)
        else:
            self._post("/bank/pay", {"biller": offer.biller_code or "", "number": offer.bill_number or ""})
        self.paid += 1
        self._after(offer)

    def _at_page(self, page_id: str) -> None:
        if self._chance.random() < _FAIL_FIRST:
            self._card(page_id, _BAD)
        self._card(page_id, _GOOD)
        if self._chance.random() < _TWICE:
            self._http.post(f"{self._gateway}/control/pay", json={"invoice_id": page_id}, timeout=10)
            self.twice += 1

    def _card(self, page_id: str, number: str) -> None:
        page = self._post(f"/invoices/{page_id}/card", {"number": number})
        if "/3ds/" in page.url:
            payment = page.url.split("/3ds/")[1].split("?")[0]
            self._post(f"/3ds/{payment}/answer", {"answer": "confirm"})

    def _post(self, path: str, form: dict[str, Any]) -> requests.Response:
        return self._http.post(f"{self._gateway}{path}", data=form, timeout=10)

    def _after(self, offer: Offer) -> None:
        """Come back to our page, or say in the chat that it is paid, or neither."""
        chance = self._chance.random()
        try:
            if chance < _COMES_BACK:
                requests.get(f"{self._service}/paid/{offer.payment_id}", timeout=2)
            elif chance < _SAYS_SO:
                with self._door.for_business(offer.business_id) as session:
                    ask_at_once(Visit.within(session), offer.customer_id)
        except DATABASE_ERRORS:
            self._door.forget_connections()
        except requests.RequestException:
            return  # the house is away just now
