"""Each value is read as people write it, and refused where it would not fit."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from bot.importer import import_folder
from bot.importer.fields import (
    FieldError,
    Locality,
    Reader,
    amount,
    code,
    countries,
    country,
    currency,
    day,
    days,
    email,
    pace,
    phone,
    rate,
    sender_address,
    tags,
    timezone,
    whole,
    words,
    yes_no,
)
from domain.door import Door
from tests.importer.folders import CUSTOMER, INVOICES, PLAN, refused, written

SAUDI = Locality("SAR", "SA")

TAKEN: tuple[tuple[Reader, str, object], ...] = (
    (amount, "1234.50", 123450),
    (amount, "١٢٣٤٫٥٠", 123450),
    (amount, "۱۲", 1200),
    (amount, "92233720368547758.07", 2**63 - 1),
    (whole, "١١", 11),
    (days, "30", 30),
    (rate, "0.15", Decimal("0.15")),
    (pace, "٠٫٥", Decimal("0.5")),
    (day, "2026-02-28", date(2026, 2, 28)),
    (day, "٢٠٢٦-٠٢-٢٨", date(2026, 2, 28)),
    (phone, "050 000 0001", "+966500000001"),
    (phone, "00966500000001", "+966500000001"),
    (phone, "٠٥٠٠٠٠٠٠٠١", "+966500000001"),
    (phone, "+20 100 000 0001", "+201000000001"),
    (code, "A-٧", "A-7"),
    (tags, " villa ; ;riyadh", ["villa", "riyadh"]),
    (yes_no, "Yes", True),
    (email, "a.b@example.com", "a.b@example.com"),
    (sender_address, "NOOR", "NOOR"),
    (sender_address, "+966112000001", "+966112000001"),
    (currency, "KWD", "KWD"),
    (country, "EG", "EG"),
    (countries, "AE; KW;", ["AE", "KW"]),
    (timezone, "Africa/Cairo", "Africa/Cairo"),
)
REFUSED: tuple[tuple[Reader, str], ...] = (
    *((amount, bad) for bad in ("", "x", "1e5", "1_000", "1,000", "NaN", "Infinity", "-0.01", "1.005", "9" * 40, "5²")),
    (amount, "92233720368547758.08"),
    (amount, "1e999999999"),
    *((whole, bad) for bad in ("-1", "1.5", "²", "1" * 10)),
    (countries, "AE;ZZ"),
    *((days, bad) for bad in ("0", "3661")),
    *((rate, bad) for bad in ("1", "-0.1", "0.99999", "15%")),
    *((pace, bad) for bad in ("0", "-1", "0.0004", "100000", "fast")),
    *((day, bad) for bad in ("2026-02-29", "20260228", "2026-W09-1", "28/02/2026", "0001-01-01", "9999-12-31")),
    *((phone, bad) for bad in ("12", "hello", "+999999999999999999")),
    *((code, bad) for bad in ("x" * 65, "a\nb", "a\u200fb")),
    (words, "x" * 1001),
    (yes_no, "true"),
    *((email, bad) for bad in ("a", "a@b", "a b@example.com", "x" * 250 + "@example.com")),
    *((sender_address, bad) for bad in ("whatsapp:+966112000001", "0112000001", "123456", "TwelveLetter")),
    (currency, "XYZ1"),
    (country, "Saudi"),
    (timezone, "Riyadh"),
)


@pytest.mark.parametrize(("read", "text", "value"), TAKEN)
def test_taken(read: Reader, text: str, value: object) -> None:
    assert read(text, SAUDI) == value


@pytest.mark.parametrize(("read", "text"), REFUSED)
def test_refused(read: Reader, text: str) -> None:
    with pytest.raises(FieldError):
        read(text, SAUDI)


def _subscription(rest: str, columns: str = "") -> dict[str, str]:
    head = f"reference,account_no,plan,start_date,status{columns}\n"
    return {"customers": CUSTOMER, "plans": PLAN, "subscriptions": f"{head}S,1,P,2026-01-01,{rest}\n"}


def _invoice(rest: str) -> dict[str, str]:
    return {"customers": CUSTOMER, "invoices": f"{INVOICES}I,1,{rest}\n"}


def _meter(rest: str) -> dict[str, str]:
    return {"customers": CUSTOMER, "meters": f"meter_no,account_no,kind,network,digits\n{rest}\n"}


def _rows() -> Iterator[tuple[str, dict[str, str]]]:
    yield "subscriptions.csv:2: stopped_on goes with the status stopped", _subscription("stopped")
    yield "subscriptions.csv:2: paused_on goes with the status paused", _subscription("active,2026-01-05", ",paused_on")
    yield "subscriptions.csv:2: end_date is before start_date", _subscription("active,2025-12-31", ",end_date")
    yield "subscriptions.csv:2: status: 'gone' is not one of", _subscription("gone")
    yield "invoices.csv:2: paid is more than total", _invoice("2026-01-01,2026-02-01,1,0,1,2")
    yield "invoices.csv:2: due_date is before issue_date", _invoice("2026-01-01,2025-02-01,1,0,1,0")
    yield "meters.csv:2: meter_no has 12 digits, not 11", _meter("014123013740,1,prepaid,sts,11")
    yield (
        "meters.csv:2: digits: the number of an STS meter has 11 or 13, not 12",
        _meter("014123013740,1,prepaid,sts,12"),
    )
    yield "meters.csv:2: the number of an STS meter has digits only", _meter("0141230137A,1,prepaid,sts,11")
    yield (
        "senders.csv:2: account_sid_var and auth_token_var go together",
        {"senders": "address,channel,account_sid_var,auth_token_var\nN,sms,A,\n"},
    )
    yield "plans.csv:2: days: '0' is not from 1", {"plans": "code,name_en,name_ar,days,price\nP,p,p,0,1\n"}


@pytest.mark.parametrize(("wanted", "files"), list(_rows()))
def test_what_does_not_go_together(door: Door, tmp_path: Path, wanted: str, files: dict[str, str]) -> None:
    assert [problem.startswith(wanted) for problem in refused(door, written(tmp_path, **files))] == [True]


def test_amounts_have_the_decimals_of_the_currency(door: Door, tmp_path: Path) -> None:
    kuwait = "code,name_en,name_ar,currency,country\nQ8,Q,ك,KWD,KW\n"
    plan = "code,name_en,name_ar,days,price\nP,p,p,30,1.005\n"
    assert import_folder(door, written(tmp_path, business=kuwait, plans=plan)).files["plans.csv"].new == 1
