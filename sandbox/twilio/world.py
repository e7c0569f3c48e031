"""The sandbox's parts, put together."""

import threading
from pathlib import Path

from sandbox.twilio.books import Books
from sandbox.twilio.callbacks import Callbacks
from sandbox.twilio.clock import Clock
from sandbox.twilio.config import Config
from sandbox.twilio.content.approvals import Approvals
from sandbox.twilio.content.rendering import Rendering
from sandbox.twilio.content.shelf import Shelf
from sandbox.twilio.creating import Creating
from sandbox.twilio.directory import Directory
from sandbox.twilio.faults import Faults
from sandbox.twilio.hub import Hub
from sandbox.twilio.inbound import Inbound
from sandbox.twilio.outcall import Caller
from sandbox.twilio.schedule import Schedule
from sandbox.twilio.settings import LiveSettings
from sandbox.twilio.tally import Tally
from sandbox.twilio.tapping import Tapping
from sandbox.twilio.timeline import Timeline
from sandbox.twilio.traffic import Traffic
from sandbox.twilio.views import publish_changes


class World:
    def __init__(self, config: Config, state: Path | None = None) -> None:
        self.stopping = threading.Event()
        self.clock = Clock(config.clock_file)
        self.settings = LiveSettings(**({"webhook_base_url": config.webhook_base_url} | config.settings))
        self.directory = Directory(config)
        self.hub = Hub()
        self.traffic = Traffic(self.hub, lambda: self.settings.values.keep_traffic)
        self.faults = Faults(self.settings)
        self.books = Books(self.clock, state, lambda: self.settings.values.keep_messages)
        self.schedule = Schedule()
        self.tally = Tally()
        caller = Caller(self.clock, self.traffic)
        self.callbacks = Callbacks(
            self.books, caller, self.directory, self.faults, self.schedule, self.settings, self.clock
        )
        self.timeline = Timeline(
            self.books, self.callbacks, self.directory, self.faults, self.schedule, self.settings, self.clock
        )
        self.inbound = Inbound(
            self.books, caller, self.directory, self.faults, self.schedule, self.settings, self.clock
        )
        self.tapping = Tapping(self.books, self.inbound, self.settings, self.clock)
        self.shelf = Shelf(self.books.store)
        self.approvals = Approvals(self.shelf, self.schedule, self.settings, self.clock)
        self.creating = Creating(self.books, self.directory, self.settings, self.clock, Rendering(self.shelf))
        publish_changes(self.books, self.hub, self.clock)
        self.timeline.resume()
        self.approvals.resume()

    def reset(self, *, keep_contents: bool = False) -> None:
        """Back to the first minute; the configuration stays, and what was registered if so wanted."""
        self.schedule.clear()
        if not keep_contents:
            self.shelf.clear()
        self.faults.remove()
        self.settings.reset()
        self.books.reset()
        self.traffic.clear()
        self.tally.clear()
        self.callbacks.counts.clear()
        self.inbound.counts.clear()
        self.approvals.resume()
        self.hub.publish("reload", {})

    def stop(self) -> None:
        self.stopping.set()
        self.schedule.stop()
        self.books.close()
