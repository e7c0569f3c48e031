"""The one place where the time is read."""

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

_file: Path | None = None


class ClockFileError(ValueError):
    """The clock file is missing or holds no instant."""


def use_file(path: Path | None) -> None:
    """Take the time from `path`, an ISO 8601 instant with offset, read at each use; None: the machine's clock."""
    global _file  # noqa: PLW0603  one clock for the whole process is the point
    _file = path


def now() -> datetime:
    """Return the instant that is now, in UTC.

    Raises ClockFileError when a clock file is in use and can't be read as an instant.
    """
    return datetime.now(UTC) if _file is None else _instant_in(_file)


def today(timezone: str) -> date:
    """Return the date that a person in `timezone` (an IANA name) would call today."""
    return now().astimezone(ZoneInfo(timezone)).date()


def _instant_in(path: Path) -> datetime:
    try:
        instant = datetime.fromisoformat(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise ClockFileError(f"RASEED_CLOCK_FILE {path}: {error}") from error
    if instant.tzinfo is None:
        raise ClockFileError(f"RASEED_CLOCK_FILE {path}: the instant has no offset")
    return instant.astimezone(UTC)
