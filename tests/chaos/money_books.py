"""The books of the money afterwards: ours, the gateway's, the vendor's and the meters', side by side."""

import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, LiteralString
from uuid import UUID

import psycopg
import requests
from psycopg.rows import dict_row

from tests.chaos.buyers import Buyer
from tests.chaos.parts import PROJECT
from tests.chaos.rows import Row

MONEY_MUST_BE_ZERO: Final = (
    "riyals adrift", "unsettled money", "unsettled purchases", "paid twice", "below zero", "tokens astray",
    "tokens refused", "gateway disagrees", "told wrongly", "book is wrong",
)  # fmt: skip
_MONEY: Final = frozenset({"paid", "captured", "refunded"})
_CONFIRMS: Final = "received your payment of"
_REFUNDS: Final = "We could not get a token for"
# A number at which there is nobody: whoever has no other is told of nothing.
_DEAD: Final = frozenset({"30006", "address_invalid"})
Fact = dict[str, Any]


@dataclass(slots=True)
class Ours:
    """What our database has."""

    payments: list[Fact]
    purchases: list[Fact]
    tokens: list[Fact]
    invoices: list[Fact]
    wallets: dict[UUID, int]


@dataclass(slots=True)
class MoneyVerdict:
    """Numbers by name, what is wrong in words, and figures to be read."""

    numbers: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)

    def blame(self, name: str, number: int, why: str) -> None:
        """Count what is wrong."""
        if number:
            self.numbers[name] += number
            self.wrong.append(f"{name}: {why}")

    @property
    def is_good(self) -> bool:
        """Tell whether nothing is wrong."""
        return not self.wrong


def read_ours(url: str) -> Ours:
    """Read our books."""
    with psycopg.connect(url, row_factory=dict_row) as connection:

        def rows(statement: LiteralString) -> list[Fact]:
            return list(connection.execute(statement))

        wallets = rows("SELECT customer_id, balance_minor FROM ledger_account WHERE kind = 'wallet'")
        return Ours(
            rows("SELECT * FROM payment"),
            rows("SELECT * FROM purchase"),
            rows("SELECT * FROM token ORDER BY issued_at, purchase_id, part"),
            rows("SELECT * FROM invoice"),
            {row["customer_id"]: row["balance_minor"] for row in wallets},
        )


def money_left(url: str, gateway: str) -> int:
    """Return how much is still on its way: what was paid and isn't booked, and what was bought and isn't settled."""
    ours = read_ours(url)
    known = {one["gateway_payment_id"] for one in ours.payments if one["status"] in {"settled", "refunded"}}
    there = sum(one["id"] not in known for one in _came(gateway))
    undone = sum(one["status"] in {"created", "in_doubt", "paid"} for one in ours.payments)
    open_purchases = sum(one["state"] in {"paid", "vending", "in_doubt"} or bool(one["tell"]) for one in ours.purchases)
    return there + undone + open_purchases


def judge_money(
    url: str, gateway: str, vendor: str, buyers: list[Buyer], rows: list[Row], environment: Mapping[str, str]
) -> MoneyVerdict:
    """Compare all of it."""
    verdict, ours = MoneyVerdict(), read_ours(url)
    came = _came(gateway)
    _judge_states(verdict, ours)
    _judge_gateway(verdict, ours, came)
    _judge_customers(verdict, ours, came, buyers)
    _judge_tokens(verdict, ours, _get(f"{vendor}/control/books"))
    _judge_meters(verdict, ours, vendor, {buyer.meter_id: buyer.meter_no for buyer in buyers})
    _judge_told(verdict, ours, rows, buyers)
    _judge_book(verdict, environment)
    return verdict


def _judge_states(verdict: MoneyVerdict, ours: Ours) -> None:
    verdict.figures["purchases"] = Counter(one["state"] for one in ours.purchases)
    verdict.figures["why they failed"] = Counter(one["detail"] for one in ours.purchases if one["state"] == "failed")
    verdict.figures["payments"] = Counter(f"{one['method']} {one['status']}" for one in ours.payments)
    verdict.figures["astray"] = Counter(one["astray"] for one in ours.payments if one["astray"])
    for one in ours.purchases:
        verdict.blame("unsettled purchases", int(one["state"] in {"paid", "vending", "in_doubt"}), f"{one['id']}")
    for one in ours.invoices:
        verdict.blame("paid twice", int(one["paid_minor"] > one["total_minor"]), one["invoice_no"])
    for customer_id, minor in ours.wallets.items():
        verdict.blame("below zero", int(minor < 0), f"{customer_id}: {minor}")


def _judge_gateway(verdict: MoneyVerdict, ours: Ours, came: list[Fact]) -> None:
    """Each payment of theirs is one of ours, over the same amount, and the other way round."""
    booked = [one for one in ours.payments if one["status"] in {"settled", "refunded"} and one["gateway_payment_id"]]
    of_ours = {one["gateway_payment_id"]: one["received_minor"] for one in booked}
    of_theirs = {one["id"]: one["amount"] for one in came}
    verdict.figures["at the gateway"] = f"{len(came)} payments, {sum(of_theirs.values()) / 100:.2f} SAR"
    verdict.figures["in our books"] = f"{len(booked)} payments, {sum(of_ours.values()) / 100:.2f} SAR"
    for known in of_theirs.keys() - of_ours.keys():
        verdict.blame("unsettled money", 1, f"{known}: {of_theirs[known]} at the gateway, and not booked")
    for known, minor in of_ours.items():
        differs = of_theirs.get(known) != minor
        verdict.blame("gateway disagrees", int(differs), f"{known}: {minor} booked, {of_theirs.get(known)} there")


def _judge_customers(verdict: MoneyVerdict, ours: Ours, came: list[Fact], buyers: list[Buyer]) -> None:
    """What a customer was given and paid is what is in the wallet and what was bought and settled with it."""
    owner = {one["gateway_payment_id"]: one["customer_id"] for one in ours.payments if one["gateway_payment_id"]}
    brought: Counter[UUID] = Counter()
    for one in came:
        if one["id"] in owner:
            brought[owner[one["id"]]] += one["amount"]
    spent: Counter[UUID] = Counter()
    for invoice in ours.invoices:
        if invoice["status"] != "cancelled":
            spent[invoice["customer_id"]] += invoice["paid_minor"]
    for buyer in buyers:
        has, had = ours.wallets.get(buyer.customer_id, 0) + spent[buyer.customer_id], buyer.given
        adrift = abs(had + brought[buyer.customer_id] - has)
        why = f"{buyer.person.phone}: given {had}, brought {brought[buyer.customer_id]}, accounted for {has}"
        verdict.blame("riyals adrift", adrift, why)


def _judge_tokens(verdict: MoneyVerdict, ours: Ours, books: Fact) -> None:
    """What was issued to us was given to a customer, and what was not is back in the wallet."""
    charges = {one["reference"]: [token["digits"] for token in one["tokens"]] for one in books["charges"]}
    digits: dict[str, list[str]] = defaultdict(list)
    for token in ours.tokens:
        digits[str(token["purchase_id"])].append(token["digits"])
    verdict.figures["charges"] = len(charges)
    verdict.figures["tokens"] = len(ours.tokens)
    for one in ours.purchases:
        issued, known = charges.pop(str(one["id"]), []), digits[str(one["id"])]
        good = issued == known and bool(issued) == (one["state"] == "issued")
        why = f"{one['id']} is {one['state']}: {len(known)} tokens, {len(issued)} at the vendor"
        verdict.blame("tokens astray", int(not good), why)
    verdict.blame("tokens astray", len(charges), f"the vendor knows of {list(charges)[:5]}, and we don't")


def _judge_meters(verdict: MoneyVerdict, ours: Ours, vendor: str, meters: dict[UUID, str]) -> None:
    """Type every token into its meter, twice."""
    said: Counter[str] = Counter()
    for token in ours.tokens:
        for wanted in ("accepted", "used"):
            url = f"{vendor}/meters/{meters[token['meter_id']]}/enter"
            result = requests.post(url, json={"digits": token["digits"]}, timeout=10).json()["entry"]["result"]
            said[result] += 1
            verdict.blame("tokens refused", int(result != wanted), f"{token['purchase_id']}: {result}, not {wanted}")
    verdict.figures["meters said"] = said


def _judge_told(verdict: MoneyVerdict, ours: Ours, rows: list[Row], buyers: list[Buyer]) -> None:
    """Everybody is told of each payment, each token and each refund exactly once."""
    told: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row.direction == "outbound" and not row.replaced:  # what went another way instead was not told
            told[row.address].append(row.text)
    dead = {row.address for row in rows if row.reason in _DEAD}
    verdict.figures["cannot be reached"] = len(dead)
    phones = {buyer.customer_id: buyer.person.phone for buyer in buyers if buyer.person.phone not in dead}
    for name, phone, wanted, found in _tellings(ours, told, phones):
        verdict.figures[name] = verdict.figures.get(name, 0) + found
        verdict.blame("told wrongly", abs(wanted - found), f"{phone}: {name} {found} times, not {wanted}")


def _tellings(ours: Ours, told: dict[str, list[str]], phones: dict[UUID, str]) -> Iterator[tuple[str, str, int, int]]:
    for customer_id, phone in phones.items():
        settled = sum(
            one["customer_id"] == customer_id and one["method"] != "wallet" and one["settled_at"] is not None
            for one in ours.payments
        )
        yield "confirmed", phone, settled, sum(_CONFIRMS in text for text in told[phone])
        back = sum(one["customer_id"] == customer_id and one["state"] == "refunded" for one in ours.purchases)
        yield "told of refunds", phone, back, sum(_REFUNDS in text for text in told[phone])
    owner = {one["id"]: one["customer_id"] for one in ours.purchases}
    for token in ours.tokens:
        phone = phones.get(owner[token["purchase_id"]])
        if phone is None:
            continue
        yield "tokens sent", phone, 1, sum(token["digits"] in _digits(text) for text in told[phone])


def _judge_book(verdict: MoneyVerdict, environment: Mapping[str, str]) -> None:
    """The operator's own proof."""
    command = [sys.executable, "-m", "bot.cli", "ledger", "verify"]
    proof = subprocess.run(command, cwd=PROJECT, env=dict(environment), capture_output=True, text=True, check=False)
    verdict.figures["ledger verify"] = (proof.stdout or proof.stderr).strip()
    verdict.blame("book is wrong", int(proof.returncode != 0), proof.stderr.strip())


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def _came(gateway: str) -> list[Fact]:
    return [one for one in _get(f"{gateway}/control/payments")["items"] if one["status"] in _MONEY]


def _get(url: str) -> Any:
    answer = requests.get(url, timeout=30)
    answer.raise_for_status()
    return answer.json()
