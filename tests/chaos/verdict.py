"""Judges what happened, by the sandbox's own books, beside what our database says of it."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from domain.hiding import shown
from sandbox.twilio.model import RANK
from tests.chaos.outgoing import Meant, is_marked
from tests.chaos.rows import BAD, OPEN, Row
from tests.chaos.twilio import is_ours, message_id
from tests.chaos.watch import Step, longest_doubt, went_back

MUST_BE_ZERO: Final = (
    "lost", "doubled", "unsettled", "backwards", "unanswered", "answered twice", "turns without a reply",
    "turns with several", "no reason", "no SID", "misjudged", "unfolded",
    "behind",
)  # fmt: skip
_NOT_REACHED: Final = frozenset({"failed", "undelivered", "canceled"})
Sent = dict[str, Any]


@dataclass(slots=True)
class Verdict:
    """Numbers by name, and of each the messages that it counts: our id, or Twilio's SID where there is none.

    lost: Twilio never had it, although we say it went out; or it was meant, and there is no row.
    doubled: more copies reached the phone than there are rows. unsettled: we still don't know.
    backwards: a status went back. unanswered, answered twice: what a person wrote.
    turns: the same by our rows. no reason: a bad end without its reason. no SID: it went out, nobody knows as what.
    misjudged: we say that it failed and the phone has it, or the other way round.
    unfolded: callbacks that came and were never taken into account. behind: the status at Twilio has gone further,
    and a callback was lost; read unseen: the same, of messages that are known to be delivered.
    overtook: it reached Twilio before an earlier one to that person.
    """

    numbers: Counter[str] = field(default_factory=Counter)
    culprits: dict[str, list[UUID | str]] = field(default_factory=lambda: defaultdict(list))
    by_status: Counter[str] = field(default_factory=Counter)
    by_reason: Counter[str] = field(default_factory=Counter)
    longest_doubt: float = 0.0

    @property
    def is_good(self) -> bool:
        """Tell whether all is zero that must be."""
        return not any(self.numbers[name] for name in MUST_BE_ZERO)

    def count(self, name: str, number: int, *culprits: UUID | str) -> None:
        """Add to a number."""
        if number:
            self.numbers[name] += number
            self.culprits[name] += culprits


def judge(
    meant: list[Meant], rows: list[Row], books: list[Sent], steps: dict[UUID, list[Step]], unfolded: int
) -> Verdict:
    """Judge."""
    verdict = Verdict()
    verdict.count("unfolded", unfolded)
    outbound = [row for row in rows if row.direction == "outbound"]
    sent = [message for message in books if is_ours(message)]
    _judge_meant(verdict, meant, outbound)
    _judge_copies(verdict, outbound, sent)
    _judge_talks(verdict, rows, books)
    for row in outbound:
        _judge_row(verdict, row, steps.get(row.id, []))
    _judge_statuses(verdict, outbound, {message["sid"]: message for message in sent})
    _judge_order(verdict, outbound, sent)
    return verdict


def _judge_meant(verdict: Verdict, meant: list[Meant], outbound: list[Row]) -> None:
    """Everything that was committed must be there, and nothing else of the kind."""
    there = Counter((row.address, shown(row.kind, row.text)) for row in outbound if is_marked(row.text))
    wanted = Counter((one.person.phone, one.logged) for one in meant)
    for (address, text), number in wanted.items():
        missing = max(number - there[address, text], 0)
        verdict.count("lost", missing, f"{address}: {text}")
    verdict.count("doubled", (there - wanted).total(), *(f"{address}: {text}" for address, text in there - wanted))


def _judge_copies(verdict: Verdict, outbound: list[Row], sent: list[Sent]) -> None:
    """Compare by person and text: of messages that say the same, either may be taken for the other."""
    rows_of, sent_of = defaultdict(list), defaultdict(list)
    kind_of = {row.id: row.kind for row in outbound}
    for row in outbound:
        rows_of[row.channel, row.address, shown(row.kind, row.text)].append(row)
    for message in sent:
        named = message_id(message)
        text = shown(kind_of.get(named, "") if named else "", message["shown"])
        sent_of[message["channel"], message["to"].removeprefix("whatsapp:"), text].append(message)
    for key in rows_of.keys() | sent_of.keys():
        _judge_alike(verdict, rows_of[key], sent_of[key])


def _judge_alike(verdict: Verdict, rows: list[Row], sent: list[Sent]) -> None:
    ids: list[UUID | str] = [row.id for row in rows] or [message["sid"] for message in sent]
    reached = sum(message["status"] not in _NOT_REACHED for message in sent)
    refused = len(sent) - reached
    bad = sum(row.status in BAD for row in rows)
    went = sum(row.status not in (*BAD, *OPEN) for row in rows)
    undecided = len(rows) - bad - went
    verdict.count("doubled", max(reached - len(rows), 0), *ids)
    # A failure whose callback was lost still looks as if it had gone out.
    verdict.count("lost", max(went - reached - max(refused - bad, 0), 0), *ids)
    verdict.count("misjudged", max(min(reached, len(rows)) - went - undecided, 0), *ids)


def _judge_talks(verdict: Verdict, rows: list[Row], books: list[Sent]) -> None:
    """Compare what a person wrote with what they were answered: by the books, and by our rows in their order."""
    answers: Counter[tuple[str, str]] = Counter()
    written: dict[tuple[str, str], list[str]] = defaultdict(list)
    for message in books:
        if message["direction"] == "inbound":
            written[message["channel"], message["from"].removeprefix("whatsapp:")].append(message["sid"])
        elif is_ours(message) and not is_marked(message["shown"]):
            answers[message["channel"], message["to"].removeprefix("whatsapp:")] += 1
    replies = [row for row in rows if row.direction == "outbound" and not is_marked(row.text)]
    given_up = Counter((row.channel, row.address) for row in replies if row.status in BAD and not row.provider_sid)
    for key, sids in written.items():
        missing = len(sids) - answers[key] - given_up[key]
        verdict.count("unanswered", max(missing, 0), *(sids if missing > 0 else ()))
        verdict.count("answered twice", max(answers[key] - len(sids), 0), *(sids if missing < 0 else ()))
    _judge_turns(verdict, rows)


def _judge_turns(verdict: Verdict, rows: list[Row]) -> None:
    """Every message that came in is followed by one reply before the next comes."""
    turns: dict[tuple[str, str], tuple[str, int]] = {}
    for row in rows:
        key = (row.channel, row.address)
        if row.direction == "inbound":
            _end_turn(verdict, turns.pop(key, None))
            turns[key] = (row.provider_sid or "", 0)
        elif key in turns and not is_marked(row.text):
            turns[key] = (turns[key][0], turns[key][1] + 1)
    for turn in turns.values():
        _end_turn(verdict, turn)


def _end_turn(verdict: Verdict, turn: tuple[str, int] | None) -> None:
    if turn is not None:
        sid, replies = turn
        verdict.count("turns without a reply", int(replies == 0), sid)
        verdict.count("turns with several", int(replies > 1), sid)


def _judge_row(verdict: Verdict, row: Row, steps: list[Step]) -> None:
    verdict.by_status[row.status] += 1
    verdict.count("unsettled", int(row.status in OPEN), row.id)
    verdict.count("backwards", int(went_back(steps)), row.id)
    verdict.longest_doubt = max(verdict.longest_doubt, longest_doubt(steps))
    verdict.count("were in doubt", int(any(step.status == "in_doubt" for step in steps)))
    verdict.count(f"{row.kind} given up", int(row.reason == "unsettled"), row.id)
    if row.status in BAD:
        verdict.by_reason[row.reason or "none"] += 1
        verdict.count("no reason", int(not row.reason), row.id)


def _judge_statuses(verdict: Verdict, outbound: list[Row], by_sid: dict[str, Sent]) -> None:
    for row in outbound:
        sent = by_sid.get(row.provider_sid or "")
        if sent is None:
            verdict.count("no SID", int(row.status not in (*BAD, *OPEN)), row.id)
        elif row.status not in OPEN:
            verdict.count(_beside(row.status, sent["status"]), 1, row.id)


def _beside(ours: str, theirs: str) -> str:
    """Return what a status of ours is, beside Twilio's."""
    if ours == theirs:
        return "as at Twilio"
    if ours in ("delivered", "read") and theirs in _NOT_REACHED:
        return "misjudged"
    if (ours, theirs) == ("delivered", "read"):
        return "read unseen"
    return "behind" if RANK[theirs] > RANK[ours] else "misjudged"


def _judge_order(verdict: Verdict, outbound: list[Row], sent: list[Sent]) -> None:
    seq_of = {row.id: row.seq for row in outbound}
    newest: dict[str, int] = {}
    for message in sent:
        named = message_id(message)
        seq = seq_of.get(named) if named else None
        if seq is not None:
            verdict.count("overtook", int(seq < newest.get(message["to"], 0)))
            newest[message["to"]] = max(seq, newest.get(message["to"], 0))
