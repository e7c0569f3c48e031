"""Who can be on the phone page: the customers of the demo's folder, and two that it does not know."""

import csv
from collections import Counter, defaultdict
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
    },
    {
        "name": "Nobody's number",
        "name_ar": "بلا رقم",
        "phone": None,
        "bsuid": "SA.1A2b3C4d5E6f7G8h9I0j",
        "note": "on WhatsApp without a phone number",
    },
)


def senders_of(folder: Path) -> list[dict[str, Any]]:
    """Return the company's senders, as the sandbox wants to know them."""
    label = _read(folder / "business.csv")[0]["name_en"]
    return [
        {"address": row["address"], "channel": row["channel"], "label": label} for row in _read(folder / "senders.csv")
    ]


def people_of(folder: Path) -> list[dict[str, Any]]:
    """Return who can be played: each phone once, with a word on what they have."""
    by_phone: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in _read(folder / "customers.csv"):
        by_phone[_international(row["phone"])].append(row)
    notes = _notes(folder)
    people = [
        {
            "name": rows[0]["name"],
            "name_ar": rows[0]["name_ar"] or rows[0]["name"],
            "phone": phone,
            "bsuid": None,
            "note": _note(rows, notes),
        }
        for phone, rows in by_phone.items()
    ]
    return [*people, *_STRANGERS]


def _note(rows: list[dict[str, str]], notes: dict[str, list[str]]) -> str:
    accounts = [f"{len(rows)} accounts"] if len(rows) > 1 else []
    return ", ".join([*accounts, *(note for row in rows for note in notes[row["account_no"]])]) or "has nothing"


def _notes(folder: Path) -> dict[str, list[str]]:
    notes: dict[str, list[str]] = defaultdict(list)
    invoices = [row for row in _read(folder / "invoices.csv") if row["paid"] != row["total"]]
    for account, number in Counter(row["account_no"] for row in invoices).items():
        notes[account].append(_counted(number, "open invoice"))
    for account, number in Counter(row["account_no"] for row in _read(folder / "meters.csv")).items():
        notes[account].append(_counted(number, "meter"))
    for row in _read(folder / "subscriptions.csv"):
        notes[row["account_no"]].append(f"{row['status']} subscription")
    return notes


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number > 1 else ''}"


def _international(phone: str) -> str:
    return f"{_COUNTRY}{phone[1:]}" if phone.startswith("0") else phone


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
