"""The kinds of messages that we send: how urgent each is, until when it is worth sending, and what a doubt means."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

REPLIES, NOTICES, CAMPAIGNS = PRIORITIES = (0, 1, 2)


@dataclass(frozen=True, slots=True)
class Kind:
    """`deadline` counts from when the message was made. `sent_again`: where a doubt can't be settled, once more."""

    priority: int
    deadline: timedelta
    sent_again: bool


KINDS: Final[dict[str, Kind]] = {
    "reply": Kind(REPLIES, timedelta(hours=24), sent_again=True),
    "code": Kind(REPLIES, timedelta(minutes=10), sent_again=False),
    "staff": Kind(REPLIES, timedelta(hours=24), sent_again=True),
    "notice": Kind(NOTICES, timedelta(hours=24), sent_again=True),
    "campaign": Kind(CAMPAIGNS, timedelta(hours=12), sent_again=False),
}

# Of each kind that is not a reply: whoever wants no messages gets none.
ASKS_NOBODY: Final = frozenset({"staff", "notice", "campaign"})
# What may be said by e-mail: no answer to what was said elsewhere, and no one-time code.
BY_EMAIL: Final = frozenset({"staff", "notice", "campaign"})


def _by_kind(values: dict[str, str]) -> str:
    cases = " ".join(f"WHEN '{kind}' THEN {value}" for kind, value in values.items())
    return f"CASE message.kind {cases} END"


# The same as SQL, about a row of `message`.
PRIORITY: Final = _by_kind({name: str(kind.priority) for name, kind in KINDS.items()}).replace("message.", "")
DEADLINE: Final = _by_kind(
    {name: f"interval '{int(kind.deadline.total_seconds())} seconds'" for name, kind in KINDS.items()}
)
