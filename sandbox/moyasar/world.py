"""The sandbox's parts, put together."""

import threading
from pathlib import Path

from sandbox.moyasar.books import Books
from sandbox.moyasar.config import Config
from sandbox.moyasar.desk import Desk
from sandbox.moyasar.faults import Faults
from sandbox.moyasar.notices import Notices
from sandbox.moyasar.settings import Settings
from sandbox.twilio.clock import Clock
from sandbox.twilio.schedule import Schedule

_TICK_SECONDS = 0.5


class World:
    def __init__(self, config: Config, state: Path | None = None) -> None:
        self.config = config
        self.stopping = threading.Event()
        self.clock = Clock(config.clock_file)
        self.settings = Settings()
        self.faults = Faults()
        self.books = Books(state)
        self.schedule = Schedule(threads=4)
        self.notices = Notices(config, self.settings, self.faults, self.schedule, self.clock)
        self.desk = Desk(config, self.books, self.notices, self.settings, self.clock)
        self._tick()

    def reset(self) -> None:
        """Back to the first minute."""
        self.schedule.clear()
        self.faults.clear()
        self.settings.reset()
        self.books.clear()
        self.notices.clear()
        self._tick()

    def stop(self) -> None:
        self.stopping.set()
        self.schedule.stop()
        self.books.close()

    def _tick(self) -> None:
        try:
            self.desk.sweep()
        finally:
            if not self.stopping.is_set():
                self.schedule.after(_TICK_SECONDS, self._tick)
