"""From a token to the fields of a line."""

from bot.cli.sts.fields import Fields
from bot.cli.sts.keys import Operator, base, cipher, expiry, key_type
from domain.sts.credit import Credit, CurrencyCredit, Service
from domain.sts.digits import from_digits
from domain.sts.key_change import FirstSection, FourthSection, GroupSection, SecondSection, Section, ThirdSection
from domain.sts.management import Management
from domain.sts.meter_tests import CONTROL_BITS, MeterTest
from domain.sts.rules import check_allowed
from domain.sts.tids import BaseDate, instant_of
from domain.sts.tokens import Token, decode


def decoded(fields: Fields, operator: Operator) -> dict[str, object]:
    """Return what `token` says. Raises LineError and StsError."""
    digits = fields.text("token")
    cls, _ = from_digits(digits)
    token = decode(digits, cipher(fields, operator) if cls in {0, 2} else None)
    check_allowed(token, key_type(fields), expiry(fields))
    return {
        "cls": token.cls,
        "sub": int(token.sub),
        **_said(token, base(fields) if fields.has("bd", "base") else None),
    }


def _said(token: Token, counted_from: BaseDate | None) -> dict[str, object]:
    match token:
        case Credit():
            kwh = {"amount_kwh": token.units / 10} if token.service is Service.ELECTRICITY else {}
            raw = {"field16": token.amount, "amt16": token.amount, "units": token.units}
            return {"rnd": token.rnd, **_issued(token.tid, counted_from), **raw, **kwh}
        case CurrencyCredit():
            return {**_issued(token.tid, counted_from), "field20": token.amount, "units": token.units}
        case MeterTest():
            return {"mfr": token.manufacturer, "control": hex(token.control), "cbits": CONTROL_BITS[token.sub]}
        case Management():
            raw = {"field16": token.value, "v16": token.value}
            watts = {} if token.watts is None else {"units": token.watts}
            return {"rnd": token.rnd, **_issued(token.tid, counted_from), **raw, **watts}
        case _:
            return _section(token)


def _issued(tid: int, counted_from: BaseDate | None) -> dict[str, object]:
    if counted_from is None:
        return {"tid": tid}
    return {"tid": tid, "issued_at": instant_of(tid, counted_from).isoformat(timespec="minutes")}


def _section(section: Section) -> dict[str, object]:
    match section:
        case FirstSection():
            flags = {"ro": int(section.rollover), "kt": int(section.key_type), "k3": int(section.third_follows)}
            said = {"kenho": section.expiry_high, "krn": section.revision, **flags, "nkho": _part(section.part)}
            return {"kct_fields": said, "rollover": flags["ro"], "bit3kct": flags["k3"]}
        case SecondSection():
            index = f"{section.tariff_index:02d}"
            return {"kct_fields": {"kenlo": section.expiry_low, "ti": index, "nklo": _part(section.part)}}
        case GroupSection():
            return {"kct_fields": {"sgc": f"{section.group:06d}"}}
        case ThirdSection():
            return {"kct_fields": {"sgclo": section.group_low, "nkmo2": _part(section.part)}}
        case FourthSection():
            return {"kct_fields": {"sgcho": section.group_high, "nkmo1": _part(section.part)}}


def _part(part: int) -> str:
    return f"{part:08x}"
