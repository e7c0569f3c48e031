"""A prepared message on the shelf, and how far WhatsApp is with approving it."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

UNSUBMITTED, RECEIVED, PENDING, APPROVED, REJECTED = "unsubmitted", "received", "pending", "approved", "rejected"
STATUSES = (UNSUBMITTED, RECEIVED, PENDING, APPROVED, REJECTED, "paused", "disabled")


@dataclass(slots=True)
class Approval:
    status: str = UNSUBMITTED
    name: str = ""
    category: str = ""
    rejection_reason: str = ""


@dataclass(slots=True)
class Content:
    sid: str
    account_sid: str
    friendly_name: str
    language: str
    variables: dict[str, str]  # what stands in for a variable that a message leaves out
    types: dict[str, Any]
    created: float
    updated: float
    approval: Approval = field(default_factory=Approval)

    @property
    def approved(self) -> bool:
        return self.approval.status == APPROVED


def to_json(content: Content) -> str:
    return json.dumps(asdict(content), ensure_ascii=False)


def from_json(text: str) -> Content:
    row = json.loads(text)
    return Content(**(row | {"approval": Approval(**row["approval"])}))
