"""WhatsApp's approval of a template: received, pending, then approved or rejected, each after a while."""

import re

from sandbox.twilio.clock import Clock
from sandbox.twilio.content.model import APPROVED, PENDING, RECEIVED, REJECTED, UNSUBMITTED, Approval, Content
from sandbox.twilio.content.shelf import Shelf
from sandbox.twilio.content.types import LIST_PICKER, richest
from sandbox.twilio.content.variables import names_in
from sandbox.twilio.errors import ApiError
from sandbox.twilio.schedule import Schedule
from sandbox.twilio.settings import LiveSettings

CATEGORIES = ("UTILITY", "MARKETING", "AUTHENTICATION")
_NAME = re.compile(r"[a-z0-9_]{1,512}")
_EDGE = re.compile(r"^\s*\{\{\w+\}\}|\{\{\w+\}\}\s*$")
_ADJACENT = re.compile(r"\}\}\s*\{\{")


class Approvals:
    def __init__(self, shelf: Shelf, schedule: Schedule, settings: LiveSettings, clock: Clock) -> None:
        self._shelf = shelf
        self._schedule = schedule
        self._settings = settings
        self._clock = clock

    def submit(self, content: Content, name: str, category: str) -> None:
        """Takes a template in; raises ApiError when it can't be one."""
        if not _NAME.fullmatch(name):
            raise ApiError(20001, "name holds small letters, digits and underscores only")
        if category not in CATEGORIES:
            raise ApiError(20001, f"category is one of {', '.join(CATEGORIES)}")
        if richest(content.types) == LIST_PICKER:
            raise ApiError(20001, f"{LIST_PICKER} is for sessions only and cannot be submitted for approval")
        if content.approval.status not in {UNSUBMITTED, REJECTED}:
            raise ApiError(20001, f"The template was submitted already, and is {content.approval.status}")
        self._set(content, Approval(RECEIVED, name, category))
        self._later(content, PENDING)

    def decide(self, content: Content, status: str, reason: str = "") -> None:
        """Sets any status, at once."""
        was = content.approval
        self._set(content, Approval(status, was.name, was.category, reason))

    def resume(self) -> None:
        """Takes up what a former process of the sandbox left undecided, or what was held."""
        for content in self._shelf.undecided():
            self._later(content, PENDING if content.approval.status == RECEIVED else "decision")

    def _later(self, content: Content, step: str) -> None:
        self._schedule.after(self._settings.values.approval_delay_ms / 1000, lambda: self._step(content, step))

    def _step(self, content: Content, step: str) -> None:
        """Goes on, unless the template was decided upon or deleted meanwhile."""
        expected = RECEIVED if step == PENDING else PENDING
        if self._shelf.get(content.account_sid, content.sid) is not content or content.approval.status != expected:
            return
        if step == PENDING:
            self.decide(content, PENDING)
            self._later(content, "decision")
        elif (reason := self._objection(content)) or self._settings.values.approvals == "reject":
            self.decide(content, REJECTED, reason or "The sandbox was told to reject templates.")
        elif self._settings.values.approvals == "approve":
            self.decide(content, APPROVED)

    def _objection(self, content: Content) -> str:
        """Why WhatsApp would refuse it; empty when it would not."""
        body = str(content.types[richest(content.types)].get("body") or "")
        names = names_in(content.types)
        if _EDGE.search(body):
            return "The body starts or ends with a variable."
        if _ADJACENT.search(body):
            return "Two variables stand side by side in the body."
        if missing := [name for name in names if not content.variables.get(name)]:
            return f"There is no sample for variable {', '.join(missing)}."
        if all(name.isdigit() for name in names) and sorted(map(int, names)) != list(range(1, len(names) + 1)):
            return "The variables are not numbered one after the other."
        return "The name is taken in this language." if self._is_taken(content) else ""

    def _is_taken(self, content: Content) -> bool:
        mine = (content.account_sid, content.language, content.approval.name)
        return any(
            (other.account_sid, other.language, other.approval.name) == mine and other.approved
            for other in self._shelf.all()
            if other is not content
        )

    def _set(self, content: Content, approval: Approval) -> None:
        content.approval, content.updated = approval, self._clock.now()
        self._shelf.put(content)
