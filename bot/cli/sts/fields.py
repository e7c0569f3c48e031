"""The fields of one line of JSON, read as what they should be."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

_LONGEST = 64


class LineError(ValueError):
    """A line that is no JSON object, or a field that is missing or isn't what it should be."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class Fields:
    """What one line says. A field that is null is not there; several names mean the first of them that is there."""

    def __init__(self, said: Mapping[str, object]) -> None:
        self._said = {name: value for name, value in said.items() if value is not None}

    def has(self, *names: str) -> bool:
        """Tell whether one of them is there."""
        return any(name in self._said for name in names)

    def part(self, name: str) -> "Fields":
        """Return the object within."""
        _, value = self._first((name,))
        if not isinstance(value, Mapping):
            raise LineError("field", f"{name} must be an object")
        return Fields(value)

    def over(self, other: "Fields", names: tuple[str, ...]) -> "Fields":
        """Return these fields, and `other`'s of those names where they are missing."""
        return Fields({**other.only(names), **self._said})

    def only(self, names: tuple[str, ...]) -> dict[str, object]:
        """Return the fields of those names that are there, as they are."""
        return {name: self._said[name] for name in names if name in self._said}

    def text(self, *names: str) -> str:
        """Return a field as text; whole numbers may be bare."""
        name, value = self._first(names)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str) or len(value) > _LONGEST:
            raise LineError("field", f"{name} must be a short text")
        return value

    def digits(self, length: int, *names: str) -> str:
        """Return a field of digits, filled up with zeros on the left."""
        return self.text(*names).zfill(length)

    def whole(self, *names: str) -> int:
        """Return a whole number: bare, or as text, also hexadecimal with 0x."""
        name, value = self._first(names)
        if isinstance(value, int):
            return int(value)
        try:
            return _whole(self.text(name))
        except ValueError:
            raise LineError("field", f"{name} must be a whole number") from None

    def flag(self, *names: str) -> bool:
        """Return a flag: 0 or 1, false or true."""
        value = self.whole(*names)
        if value not in {0, 1}:
            raise LineError("field", f"{self._first(names)[0]} must be 0 or 1")
        return bool(value)

    def amount(self, *names: str) -> Decimal:
        """Return a decimal number, bare or as text."""
        name, value = self._first(names)
        try:
            return value if isinstance(value, Decimal) else Decimal(self.text(name))
        except InvalidOperation:
            raise LineError("field", f"{name} must be a number") from None

    def secret(self, *names: str) -> bytes:
        """Return the bytes of hexadecimal digits. They are in no message."""
        name, value = self._first(names)
        try:
            return bytes.fromhex(value if isinstance(value, str) else "no")
        except ValueError:
            raise LineError("field", f"{name} must be hexadecimal digits") from None

    def instant(self, *names: str) -> datetime:
        """Return an ISO instant; without an offset it is UTC."""
        name, _ = self._first(names)
        try:
            found = datetime.fromisoformat(self.text(name))
            return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            raise LineError("field", f"{name} must be an instant such as 2026-03-01 13:00") from None

    def _first(self, names: tuple[str, ...]) -> tuple[str, object]:
        for name in names:
            if name in self._said:
                return name, self._said[name]
        raise LineError("field", f"{' or '.join(names)} is missing")


def _whole(text: str) -> int:
    return int(text, 16) if text.lower().startswith("0x") else int(text)
