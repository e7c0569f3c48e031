"""Whether this process was told to stop: jobs at work end at the next good place."""

from threading import Event
from typing import Final

_STOPPED: Final = Event()


def stop() -> None:
    """Let the jobs of this process end."""
    _STOPPED.set()


def stopping() -> bool:
    """Tell whether this process was told to stop."""
    return _STOPPED.is_set()
