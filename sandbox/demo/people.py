"""Who can be on the phone page: the customers of the demo's folder, and two that it does not know."""

import csv
from collections import defaultdict
from pathlib import Path
from typing import Any

_COUNTRY = "+966"
_STRANGERS = (
    {
        "name": "A stranger",
        "name_ar": "شخص غير معروف",
        "phone": "+966500000999",
        "bsuid": None,
        "note": "not a customer",
        "note_ar": "ليس من العملاء",
    },
    {
        "name": "Nobody's number",
        "name_ar": "بلا رقم",
        "phone": None,
        "bsuid": "SA.1A2b3C4d5E6f7G8h9I0j",
        "note": "on WhatsApp without a phone number",
        "note_ar": "على واتساب بلا رقم هاتف",
    },
)


def senders_of(folder: Path) -> list[dict[str, Any]]:
    """Return the company's senders, as the sandbox wants to know them."""
    company = _read(folder / "business.csv")[0]
    return [
        {
            "address": row["address"],
            "channel": row["channel"],
            "label": company["name_en"],
            "label_ar": company["name_ar"],
        }
        for row in _read(folder / "senders.csv")
    ]


def people_of(folder: Path) -> list[dict[str, Any]]:
    """Return who can be played: each phone once, with a word on what they have."""
    by_phone: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in _read(folder / "customers.csv"):
        by_phone[_international(row["phone"])].append(row)
    holdings = _Holdings(folder)
    people = [
        {
            "name": rows[0]["name"],
            "name_ar": rows[0]["name_ar"] or rows[0]["name"],
            "phone": phone,
            "bsuid": None,
            "note": holdings.in_english({row["account_no"] for row in rows}),
            "note_ar": holdings.in_arabic({row["account_no"] for row in rows}),
        }
        for phone, rows in by_phone.items()
    ]
    return [*people, *_STRANGERS]


class _Holdings:
    """What the customers of a folder have."""

    def __init__(self, folder: Path) -> None:
        self._invoices = [row["account_no"] for row in _read(folder / "invoices.csv") if row["paid"] != row["total"]]
        self._meters = [row["account_no"] for row in _read(folder / "meters.csv")]
        self._subscriptions = [(row["account_no"], row["status"]) for row in _read(folder / "subscriptions.csv")]

    def in_english(self, accounts: set[str]) -> str:
        """Return a few words on what `accounts` have together."""
        invoices, meters, statuses = self._of(accounts)
        numbers = [(len(accounts), "account", 1), (invoices, "open invoice", 0), (meters, "meter", 0)]
        words = [f"{number} {what}{'s' if number > 1 else ''}" for number, what, least in numbers if number > least]
        return ", ".join([*words, *(f"{status} subscription" for status in statuses)]) or "has nothing"

    def in_arabic(self, accounts: set[str]) -> str:
        """Return the same in Arabic."""
        invoices, meters, statuses = self._of(accounts)
        numbers = [("الحسابات", len(accounts), 1), ("فواتير مفتوحة", invoices, 0), ("عدّادات", meters, 0)]
        words = [f"{what}: {number}" for what, number, least in numbers if number > least]
        return "، ".join([*words, *(f"اشتراك {_STATUS_AR[status]}" for status in statuses)]) or "لا شيء بعد"

    def _of(self, accounts: set[str]) -> tuple[int, int, list[str]]:
        return (
            sum(account in accounts for account in self._invoices),
            sum(account in accounts for account in self._meters),
            [status for account, status in self._subscriptions if account in accounts],
        )


_STATUS_AR = {"active": "سارٍ", "paused": "موقوف مؤقتًا", "stopped": "موقوف نهائيًا", "expired": "منتهٍ"}


def _international(phone: str) -> str:
    return f"{_COUNTRY}{phone[1:]}" if phone.startswith("0") else phone


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
