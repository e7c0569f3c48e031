"""The files of a folder: their columns, what of them is the key, and the rules of a row."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bot.importer import fields
from bot.importer.fields import Reader
from domain.dunning.rules import USUAL_DAYS, USUAL_TIME
from domain.phones import is_e164
from domain.readings.tables import ACTUAL, SOURCES
from domain.staff import ROLES
from domain.tariffs import ENERGY, GRADUATED, MINIMUM_COVERS, MODES
from domain.ways import BEST_FIRST


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in the file, its name and type in the database, and how it is read."""

    name: str
    read: Reader = fields.words
    needed: bool = False
    default: Any = None
    type: str = "text"
    stored_as: str | None = None
    posted: bool = False  # may not change any more once it is in the database

    @property
    def target(self) -> str:
        """The column of the table."""
        return self.stored_as or self.name


@dataclass(frozen=True, slots=True)
class File:
    """A file, and the table that it goes into. `refers` maps a column to the file whose key it names.

    A file that is `whole` speaks for all there is: what it leaves out is taken away. One without a key has one row.
    """

    name: str
    table: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    refers: Mapping[str, str]
    rules: Callable[[Mapping[str, Any]], Iterator[str]]
    whole: bool = False
    posted_once: str = "true"  # under which condition, about the row that is `known`, the posted columns may not change


_STS_DIGITS = (11, 13)


def _no_rules(_: Mapping[str, Any]) -> Iterator[str]:
    yield from ()


def _sender_rules(row: Mapping[str, Any]) -> Iterator[str]:
    if row["channel"] == "whatsapp" and not is_e164(row["address"]):
        yield "a WhatsApp sender is a number; a registered name only sends SMS"
    if (row.get("account_sid_var") is None) != (row.get("auth_token_var") is None):
        yield "account_sid_var and auth_token_var go together"


def _meter_rules(row: Mapping[str, Any]) -> Iterator[str]:
    number, digits = row["meter_no"], row.get("digits")
    if row["network"] == "sts" and not (number.isascii() and number.isdigit()):
        yield "the number of an STS meter has digits only"
    if row["network"] == "sts" and digits not in {None, *_STS_DIGITS}:
        yield f"digits: the number of an STS meter has 11 or 13, not {digits}"
    if digits is not None and digits != len(number):
        yield f"meter_no has {len(number)} digits, not {digits}"


def _subscription_rules(row: Mapping[str, Any]) -> Iterator[str]:
    start, status = row["start_date"], row["status"]
    for state, column in (("paused", "paused_on"), ("stopped", "stopped_on")):
        if (status == state) != (row.get(column) is not None):
            yield f"{column} goes with the status {state}, and with no other"
    for column in ("end_date", "paused_on", "stopped_on"):
        if row.get(column) is not None and row[column] < start:
            yield f"{column} is before start_date"


def _invoice_rules(row: Mapping[str, Any]) -> Iterator[str]:
    if row["net"] + row["vat"] != row["total"]:
        yield "net and vat don't add up to total"
    if row["paid"] > row["total"]:
        yield "paid is more than total"
    if row["due_date"] < row["issue_date"]:
        yield "due_date is before issue_date"


def _subsidy_rules(row: Mapping[str, Any]) -> Iterator[str]:
    if row.get("valid_to") is not None and row["valid_to"] < row["valid_from"]:
        yield "valid_to is before valid_from"


def _outage_rules(row: Mapping[str, Any]) -> Iterator[str]:
    if row.get("ends_at") is not None and row["ends_at"] < row["starts_at"]:
        yield "ends_at is before starts_at"
    if row["kind"] == "planned" and row.get("ends_at") is None:
        yield "a planned outage has its ends_at"


def _dunning_rules(row: Mapping[str, Any]) -> Iterator[str]:
    if (row.get("late_fee") is None) != (row.get("late_fee_days") is None):
        yield "late_fee and late_fee_days go together"
    for name in ("late_fee", "instalments_from"):
        if row.get(name) is not None and row[name] <= 0:
            yield f"{name} is more than nothing"
    notice, cut = row.get("notice_days"), row.get("cut_days")
    if cut is not None and (notice is None or cut <= notice):
        yield "nobody is disconnected (cut_days) without a notice (notice_days) some days before"


_language = fields.one_of("ar", "en")

BUSINESS = File(
    "business.csv",
    "business",
    ("code",),
    (
        Column("code", fields.code, needed=True),
        Column("name_en", needed=True),
        Column("name_ar", needed=True),
        Column("currency", fields.currency, default="SAR"),
        Column("timezone", fields.timezone, default="Asia/Riyadh"),
        Column("country", fields.country, default="SA"),
        Column("vat_rate", fields.rate, default=Decimal("0.15"), type="numeric"),
        Column("vat_number"),
        Column("address_ar"),
        Column("language", _language, default="ar"),
        Column("emergency_number", fields.emergency_number),
        Column("code_countries", fields.countries, default=[], type="text[]"),
        Column("arrears_percent", fields.percent, default=0, type="integer"),
        Column("buy_for_others", fields.yes_no, default=False, type="boolean"),
        Column("low_credit_kwh", fields.days, default=10, type="integer"),
        Column("billing_day", fields.day_of_month, type="integer"),
        Column("due_days", fields.up_to_a_year, default=14, type="integer"),
        Column("accountant_email", fields.email),
        Column("low_use_percent", fields.percent, default=50, type="integer"),
        Column("high_use_percent", fields.above_100_percent, default=200, type="integer"),
        Column("most_estimates", fields.up_to_a_dozen, default=3, type="integer"),
    ),
    {},
    _no_rules,
)
SENDERS = File(
    "senders.csv",
    "sender",
    ("channel", "address"),
    (
        Column("address", fields.sender_address, needed=True),
        Column("channel", fields.one_of("whatsapp", "sms"), needed=True),
        Column("account_sid_var"),
        Column("auth_token_var"),
        Column("messages_per_second", fields.pace, default=Decimal(10), type="numeric"),
    ),
    {},
    _sender_rules,
)
CUSTOMERS = File(
    "customers.csv",
    "customer",
    ("account_no",),
    (
        Column("account_no", fields.code, needed=True),
        Column("name", needed=True),
        Column("name_ar"),
        Column("language", _language),
        Column("phone", fields.phone),
        Column("email", fields.email),
        Column("address"),
        Column("area"),
        Column("vat_number"),
        Column(
            "opening_balance", fields.amount, default=0, type="bigint", stored_as="opening_balance_minor", posted=True
        ),
        Column("marketing_consent", fields.yes_no, default=False, type="boolean"),
        Column("tags", fields.tags, default=[], type="text[]"),
        Column("protected", fields.yes_no, default=False, type="boolean"),
    ),
    {},
    _no_rules,
)
TARIFFS = File(
    "tariffs.csv",
    "tariff",
    ("code", "valid_from"),
    (
        Column("code", fields.code, needed=True),
        Column("valid_from", fields.day, needed=True, type="date"),
        Column("name_en", needed=True),
        Column("name_ar", needed=True),
        Column("mode", fields.one_of(*MODES), default=GRADUATED, posted=True),
        Column("blocks", fields.blocks, needed=True, type="jsonb", posted=True),
        Column("fixed_fee", fields.amount, default=0, type="bigint", stored_as="fixed_fee_minor", posted=True),
        Column(
            "minimum_charge", fields.amount, default=0, type="bigint", stored_as="minimum_charge_minor", posted=True
        ),
        Column("minimum_covers", fields.one_of(*MINIMUM_COVERS), default=ENERGY, posted=True),
    ),
    {},
    _no_rules,
    posted_once="(known.used_at IS NOT NULL OR "
    "EXISTS (SELECT FROM purchase WHERE tariff_id = known.id AND paid_at IS NOT NULL))",
)
METERS = File(
    "meters.csv",
    "meter",
    ("meter_no",),
    (
        Column("meter_no", fields.code, needed=True),
        Column("account_no", fields.code, needed=True),
        Column("nickname"),
        Column("area"),
        Column("kind", fields.one_of("prepaid", "postpaid"), needed=True),
        Column("network", fields.one_of("sts", "acrel", "manual"), needed=True),
        Column("tariff"),
        Column("digits", fields.whole, type="integer"),
        Column("iin"),
        Column("supply_group_code"),
        Column("key_revision", fields.whole, type="integer"),
        Column("key_type", fields.whole, type="integer"),
        Column("tariff_index"),
        Column("ea"),
        Column("dkga"),
        Column("base_date"),
        Column("key_expiry", fields.whole, type="integer"),
        Column("active", fields.yes_no, default=True, type="boolean"),
        Column("register_digits", fields.register_digits, type="integer"),
    ),
    {"account_no": "customers.csv"},
    _meter_rules,
)
READINGS = File(
    "readings.csv",
    "reading",
    ("meter_no", "read_at", "source"),
    (
        Column("meter_no", fields.code, needed=True),
        Column("read_at", fields.past_instant, needed=True, type="timestamptz"),
        Column("source", fields.one_of(*SOURCES), default=ACTUAL),
        Column("kwh", fields.kwh, needed=True, type="bigint", stored_as="wh", posted=True),
    ),
    {"meter_no": "meters.csv"},
    _no_rules,
    posted_once="EXISTS (SELECT FROM billing_item AS item WHERE item.meter_id = known.meter_id"
    " AND item.state <> 'cancelled' AND known.id IN (item.start_reading_id, item.end_reading_id))",
)
PLANS = File(
    "plans.csv",
    "plan",
    ("code",),
    (
        Column("code", fields.code, needed=True),
        Column("name_en", needed=True),
        Column("name_ar", needed=True),
        Column("days", fields.days, needed=True, type="integer"),
        Column("price", fields.amount, needed=True, type="bigint", stored_as="price_minor"),
    ),
    {},
    _no_rules,
)
SUBSCRIPTIONS = File(
    "subscriptions.csv",
    "subscription",
    ("reference",),
    (
        Column("reference", fields.code, needed=True),
        Column("account_no", fields.code, needed=True),
        Column("plan", fields.code, needed=True),
        Column("start_date", fields.day, needed=True, type="date"),
        Column("status", fields.one_of("active", "paused", "stopped", "expired"), needed=True),
        Column("end_date", fields.day, type="date", stored_as="last_day"),
        Column("paused_on", fields.day, type="date"),
        Column("stopped_on", fields.day, type="date"),
        Column("reason"),
    ),
    {"account_no": "customers.csv", "plan": "plans.csv"},
    _subscription_rules,
)
INVOICES = File(
    "invoices.csv",
    "invoice",
    ("invoice_no",),
    (
        Column("invoice_no", fields.code, needed=True),
        Column("account_no", fields.code, needed=True, posted=True),
        Column("issue_date", fields.day, needed=True, type="date", posted=True),
        Column("due_date", fields.day, needed=True, type="date"),
        Column("net", fields.amount, needed=True, type="bigint", stored_as="net_minor", posted=True),
        Column("vat", fields.amount, needed=True, type="bigint", stored_as="vat_minor", posted=True),
        Column("total", fields.amount, needed=True, type="bigint", stored_as="total_minor", posted=True),
        Column("paid", fields.amount, default=0, type="bigint", stored_as="paid_minor"),
        Column("description_en"),
        Column("description_ar"),
    ),
    {"account_no": "customers.csv"},
    _invoice_rules,
)

SUBSIDIES = File(
    "subsidies.csv",
    "subsidy",
    ("programme", "account_no", "meter_no", "valid_from"),
    (
        Column("programme", fields.code, needed=True),
        Column("account_no", fields.code, needed=True),
        Column("meter_no", fields.code, needed=True),
        Column("valid_from", fields.day, needed=True, type="date"),
        Column("monthly_kwh", fields.quota, needed=True, type="numeric"),
        Column("valid_to", fields.day, type="date"),
    ),
    {"account_no": "customers.csv", "meter_no": "meters.csv"},
    _subsidy_rules,
)

OUTAGES = File(
    "outages.csv",
    "outage",
    ("reference",),
    (
        Column("reference", fields.code, needed=True),
        Column("area", needed=True),
        Column("starts_at", fields.instant, needed=True, type="timestamptz"),
        Column("ends_at", fields.instant, type="timestamptz"),
        Column("kind", fields.one_of("planned", "unplanned"), needed=True),
        Column("reason_en"),
        Column("reason_ar"),
    ),
    {},
    _outage_rules,
)
HOURS = File(
    "hours.csv",
    "opening_hours",
    ("weekday", "opens"),
    (
        Column("weekday", fields.weekday, needed=True, type="smallint"),
        Column("opens", fields.clock_time, needed=True, type="time"),
        Column("closes", fields.clock_time, needed=True, type="time"),
    ),
    {},
    _no_rules,
    whole=True,
)
HOLIDAYS = File(
    "holidays.csv",
    "holiday",
    ("date",),
    (
        Column("date", fields.day, needed=True, type="date"),
        Column("name_en", needed=True),
        Column("name_ar", needed=True),
    ),
    {},
    _no_rules,
    whole=True,
)
DUNNING = File(
    "dunning.csv",
    "dunning_rules",
    (),
    (
        Column("remind_at", fields.clock_time, default=USUAL_TIME, type="time"),
        Column("reminder_days", fields.day_list, default=list(USUAL_DAYS), type="smallint[]"),
        Column("channels", fields.channels, default=list(BEST_FIRST), type="text[]"),
        Column("late_fee", fields.amount, type="bigint", stored_as="late_fee_minor"),
        Column("late_fee_days", fields.later_days, type="smallint"),
        Column("notice_days", fields.later_days, type="smallint"),
        Column("cut_days", fields.later_days, type="smallint"),
        Column("reconnects", fields.yes_no, default=False, type="boolean"),
        Column("instalments_from", fields.amount, type="bigint", stored_as="instalments_from_minor"),
        Column("instalments_most", fields.instalments, default=3, type="smallint"),
        Column("grace_days", fields.up_to_a_year, default=3, type="smallint"),
    ),
    {},
    _dunning_rules,
)

STAFF = File(
    "staff.csv",
    "staff",
    ("email",),
    (
        Column("email", fields.staff_email, needed=True),
        Column("name", needed=True),
        Column("role", fields.one_of(*ROLES), needed=True),
        Column("language", _language, default="ar"),
    ),
    {},
    _no_rules,
)

# In the order in which they are taken in: what is referred to comes first.
FILES = (
    SENDERS,
    CUSTOMERS,
    PLANS,
    TARIFFS,
    METERS,
    READINGS,
    SUBSCRIPTIONS,
    INVOICES,
    OUTAGES,
    HOURS,
    HOLIDAYS,
    DUNNING,
    STAFF,
    SUBSIDIES,
)
