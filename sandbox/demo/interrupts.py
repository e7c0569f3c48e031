"""SIGINT, SIGTERM and SIGHUP: the first ends the demo, the next ones make it hurry."""

import signal
from types import FrameType


class Interrupts:
    """Raises KeyboardInterrupt once; `hurry` is true from the second signal on."""

    def __init__(self) -> None:
        self.stopping = False
        self.hurry = False

    def listen(self) -> None:
        """Handle the signals from now on."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._handle)

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        if self.stopping:
            self.hurry = True
        else:
            self.stopping = True
            raise KeyboardInterrupt
