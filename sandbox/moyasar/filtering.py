"""The filters of the lists."""

from sandbox.moyasar.errors import invalid
from sandbox.moyasar.model import Invoice, Payment
from sandbox.twilio.clock import parse_instant

_IGNORED = frozenset({"page"})


def fits(thing: Invoice | Payment, wanted: dict[str, str]) -> bool:
    """Tell whether it is what the query asks for."""
    return all(_one_fits(thing, name, value) for name, value in wanted.items() if name not in _IGNORED)


def _one_fits(thing: Invoice | Payment, name: str, value: str) -> bool:
    if name in {"id", "status"}:
        return bool(getattr(thing, name) == value)
    field, _, rest = name.partition("[")
    if field == "metadata":
        return (thing.metadata or {}).get(rest.removesuffix("]")) == value
    if field in {"created", "updated"}:
        instant, limit = getattr(thing, field), _instant(name, value)
        return bool(instant > limit if rest.startswith("gt") else instant < limit)
    if field == "card_last_digits" and isinstance(thing, Payment):
        return str(thing.source.get("number", "")).endswith(value)
    return True


def _instant(name: str, value: str) -> float:
    try:
        return parse_instant(value.replace(" ", "+"))
    except ValueError:
        raise invalid(**{name: "is not a valid date"}) from None
