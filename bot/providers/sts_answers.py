"""The vendor's documents, read into the port's results. What isn't as agreed raises BadAnswer."""

from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from domain.vendors.capabilities import EVERYTHING, Capability
from domain.vendors.results import (
    Balance,
    Charge,
    CommandState,
    CommandStatus,
    Connection,
    Finding,
    IssuedToken,
    Link,
    MaintenanceCode,
    MeterStatus,
    Reading,
    TokenCheck,
    TokenKind,
)

Doc = TypeVar("Doc", bound="_Document")
Digits = Annotated[str, Field(pattern=r"^[0-9]{20}$")]
_MOST = 10_000


class BadAnswer(Exception):
    """The vendor answered something else than docs/vendor-api.md says."""


class _Document(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=False, frozen=True)


class _Token(_Document):
    kind: Literal["key_change", "credit"]
    digits: Digits
    units: int = Field(ge=0, default=0)


class _Charge(_Document):
    reference: str
    vendor_id: str = Field(min_length=1, max_length=100)
    meter_no: str
    units: int
    tokens: list[_Token] = Field(min_length=1, max_length=_MOST)
    issued_at: AwareDatetime


class _Reading(_Document):
    meter_no: str
    read_at: AwareDatetime
    watt_hours: int = Field(ge=0)


class _Readings(_Document):
    readings: list[_Reading] = Field(max_length=_MOST)


class _Status(_Document):
    meter_no: str
    connected: bool
    supplied: bool
    link: Link
    concentrator_id: str | None = None
    signal_dbm: int | None = None
    last_contact_at: AwareDatetime | None = None
    amperes: int | None = None


class _Balance(_Document):
    meter_no: str
    watt_hours: int
    at: AwareDatetime


class _Code(_Document):
    reference: str
    vendor_id: str = Field(min_length=1, max_length=100)
    meter_no: str
    code: str = Field(min_length=1, max_length=40)
    expires_at: AwareDatetime


class _Command(_Document):
    reference: str
    vendor_id: str = Field(min_length=1, max_length=100)
    meter_no: str
    state: CommandState
    reason: str | None = None


class _Check(_Document):
    finding: Finding
    units: int = Field(ge=0, default=0)
    issued_at: AwareDatetime | None = None
    meter_no: str | None = None


class _Ping(_Document):
    vendor: str
    capabilities: list[str]
    credit_minor: int | None = None
    currency: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")


def charge(document: dict[str, Any], reference: str) -> Charge:
    """Read a charge. Its credit must add up to its units, and come after its key changes. Raises BadAnswer."""
    found = _read(_Charge, document, reference)
    kinds = [token.kind for token in found.tokens]
    if kinds != sorted(kinds, reverse=True) or sum(token.units for token in found.tokens) != found.units:
        raise BadAnswer("the tokens are not those of this charge")
    tokens = tuple(IssuedToken(TokenKind(one.kind), one.digits, one.units) for one in found.tokens)
    return Charge(found.reference, found.vendor_id, found.meter_no, found.units, tokens, found.issued_at)


def maintenance_code(document: dict[str, Any], reference: str) -> MaintenanceCode:
    """Read a maintenance code. Raises BadAnswer."""
    return MaintenanceCode(**_read(_Code, document, reference).model_dump())


def command_status(document: dict[str, Any], reference: str) -> CommandStatus:
    """Read how far a command has come. Raises BadAnswer."""
    return CommandStatus(**_read(_Command, document, reference).model_dump())


def token_check(document: dict[str, Any]) -> TokenCheck:
    """Read what a token is to a meter. Raises BadAnswer."""
    return TokenCheck(**_read(_Check, document).model_dump())


def reading(document: dict[str, Any]) -> Reading:
    """Read one reading. Raises BadAnswer."""
    return Reading(**_read(_Reading, document).model_dump())


def readings(document: dict[str, Any]) -> list[Reading]:
    """Read many, and sort them by meter and time. Raises BadAnswer."""
    found = [Reading(**one.model_dump()) for one in _read(_Readings, document).readings]
    return sorted(found, key=_meter_and_time)


def status(document: dict[str, Any]) -> MeterStatus:
    """Read how a meter is. Raises BadAnswer."""
    return MeterStatus(**_read(_Status, document).model_dump())


def balance(document: dict[str, Any]) -> Balance:
    """Read the credit left on a meter. Raises BadAnswer."""
    return Balance(**_read(_Balance, document).model_dump())


def connection(document: dict[str, Any]) -> Connection:
    """Read what the vendor says of itself; what it can do that we don't know is left out. Raises BadAnswer."""
    found = _read(_Ping, document)
    able = frozenset(Capability(name) for name in found.capabilities if name in EVERYTHING)
    return Connection(found.vendor, able, found.credit_minor, found.currency)


def _meter_and_time(one: Reading) -> tuple[str, datetime]:
    return one.meter_no, one.read_at


def _read(kind: type[Doc], document: dict[str, Any], reference: str | None = None) -> Doc:
    try:
        found = kind.model_validate(document)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise BadAnswer(f"{where or 'the answer'} is not as agreed") from error
    if reference is not None and getattr(found, "reference", None) != reference:
        raise BadAnswer("the answer is about another reference")
    return found
