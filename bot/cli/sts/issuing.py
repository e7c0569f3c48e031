"""From the fields of a line to a token."""

from dataclasses import replace
from datetime import datetime
from secrets import randbelow

from bot.cli.sts.fields import Fields, LineError
from bot.cli.sts.keys import KEY_FIELDS, Operator, base, cipher, expiry, key_type, made_key, meter_key
from domain.sts.amounts import CURRENCY_PLACES, encode_currency, encode_units, scaled_up
from domain.sts.credit import Credit, CurrencyCredit, Service
from domain.sts.decoder_keys import MeterKey
from domain.sts.errors import ReservedError, within
from domain.sts.key_change import FirstSection, GroupSection, Section, key_change
from domain.sts.management import Management, Setting
from domain.sts.meter_tests import MeterTest, meter_test
from domain.sts.rules import check_allowed, check_new_key
from domain.sts.tids import instant_of, tid_at
from domain.sts.tokens import encode

_RAW = ("field16", "amt16", "v16")
_SECTIONS = (3, 4, 8, 9)


def issue(fields: Fields, operator: Operator) -> dict[str, object]:
    """Return `token`, or `tokens` where a whole key change is asked for. Raises LineError and StsError."""
    cls = fields.whole("cls")
    if cls == 2 and fields.has("new") and not fields.has("sub"):
        under = cipher(fields, operator)
        return {"tokens": [encode(section, under) for section in _sections(fields, operator)]}
    sub = fields.whole("sub")
    if cls == 1:
        return {"token": encode(_meter_test(fields, sub))}
    if cls == 2 and sub in _SECTIONS:
        return {"token": encode(_section(fields, sub, operator), cipher(fields, operator))}
    token = _credit_or_management(fields, cls, sub)
    check_allowed(token, key_type(fields), expiry(fields))
    return {"token": encode(token, cipher(fields, operator))}


def _credit_or_management(fields: Fields, cls: int, sub: int) -> Credit | CurrencyCredit | Management:
    if cls == 0 and 0 <= sub < 4:
        return Credit(Service(sub), _rnd(fields), _tid(fields), _amount(fields, Service(sub)))
    if cls == 0 and 4 <= sub < 8:
        return CurrencyCredit(Service(sub - 4), _tid(fields), _currency(fields))
    if cls == 2 and sub in set(Setting):
        return Management(Setting(sub), _rnd(fields), _tid(fields), _value(fields, Setting(sub)))
    raise ReservedError(f"class {cls}, subclass {sub} is reserved, or a manufacturer's own")


def _meter_test(fields: Fields, sub: int) -> MeterTest:
    manufacturer = fields.whole("mfr") if fields.has("mfr") else 0
    if fields.has("control"):
        return MeterTest(within("subclass", sub, 2), fields.whole("control"), manufacturer)
    return meter_test(fields.whole("test", "control"), sub, manufacturer)


def _rnd(fields: Fields) -> int:
    return fields.whole("rnd") if fields.has("rnd") else randbelow(16)


def _tid(fields: Fields) -> int:
    if fields.has("tid"):
        return fields.whole("tid")
    if not fields.has("when"):
        raise LineError("field", "tid or when is missing")
    return tid_at(fields.instant("when"), base(fields))


def _amount(fields: Fields, service: Service) -> int:
    if fields.has(*_RAW):
        return fields.whole(*_RAW)
    if fields.has("amount_base_units"):
        return encode_units(fields.whole("amount_base_units"))
    if service is Service.ELECTRICITY:
        return encode_units(scaled_up(fields.amount("amount_kwh", "amount"), 1))
    return encode_units(scaled_up(fields.amount("amount"), 1))


def _currency(fields: Fields) -> int:
    if fields.has("field20"):
        return fields.whole("field20")
    return encode_currency(scaled_up(fields.amount("amount"), CURRENCY_PLACES))


def _value(fields: Fields, setting: Setting) -> int:
    if fields.has(*_RAW):
        return fields.whole(*_RAW)
    if setting is Setting.CLEAR_TAMPER:
        return 0
    value = fields.whole("value")
    return encode_units(value) if setting in {Setting.POWER_LIMIT, Setting.PHASE_LIMIT} else value


def _section(fields: Fields, sub: int, operator: Operator) -> Section:
    for section in _sections(fields, operator):
        if section.sub == sub:
            return section
    raise LineError("field", f"this key change has no token of subclass {sub}")


def _sections(fields: Fields, operator: Operator) -> tuple[Section, ...]:
    said = fields.part("kct_fields") if fields.has("kct_fields") else Fields({})
    old = meter_key(fields)
    new_fields = fields.part("new").over(said, KEY_FIELDS).over(fields, KEY_FIELDS)
    new = meter_key(new_fields, _new_expiry(fields, new_fields, said))
    if (now := _now(fields, old)) is not None:
        check_new_key(now, new)
    new_key = _new_decoder_key(fields, new_fields, new, operator)
    first, *others = key_change(old, new, new_key, with_group=_with_group(fields, said))
    return _rolled_over(first, fields, said), *others


def _rolled_over(section: Section, fields: Fields, said: Fields) -> Section:
    """Return the section with its rollover as the line says, where it says so: DKGA02's keys don't tell base dates."""
    if not isinstance(section, FirstSection) or not (said.has("ro") or fields.has("rollover")):
        return section
    return replace(section, rollover=said.flag("ro") if said.has("ro") else fields.flag("rollover"))


def _new_decoder_key(fields: Fields, new_fields: Fields, new: MeterKey, operator: Operator) -> bytes:
    if new_fields.has("dk") and not new_fields.has("vk"):
        return new_fields.secret("dk")
    return made_key(new_fields.over(fields, ("vk",)), new, operator)


def _new_expiry(fields: Fields, new_fields: Fields, said: Fields) -> int:
    if new_fields.has("ken"):
        return expiry(new_fields)
    if not fields.has("ken") and said.has("kenho", "kenlo"):
        high, low = (said.whole(name) if said.has(name) else 0xF for name in ("kenho", "kenlo"))
        return within("kenho", high, 0xF) << 4 | within("kenlo", low, 0xF)
    return expiry(fields)


def _now(fields: Fields, old: MeterKey) -> datetime | None:
    if fields.has("when"):
        return fields.instant("when")
    return instant_of(fields.whole("tid"), old.base) if fields.has("tid") else None


def _with_group(fields: Fields, said: Fields) -> bool | None:
    if fields.has("sub") and fields.whole("sub") == GroupSection.sub:
        return True
    if said.has("k3"):
        return said.flag("k3")
    return fields.flag("bit3kct") if fields.has("bit3kct") else None
