"""The outbox: the messages that wait to be sent, claimed by workers that need not know each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session
from sqlalchemy.sql import bindparam

from domain.clock import now
from domain.dunning.stopping import REFUSED as NO_REMINDER
from domain.hiding import HIDDEN_TEXT
from domain.kinds import CAMPAIGNS, DEADLINE, NOTICES, PRIORITIES, REPLIES
from domain.marketing import refusal_of
from domain.messages import MOST_LOOKS
from domain.pace import AHEAD, RATE

# WhatsApp lets us write freely for 24 hours after somebody wrote; what is sent in the last minutes may come too late.
WINDOW: Final = timedelta(hours=23, minutes=55)
# So long nothing is sent to an address where nobody can be reached, unless they write from it.
INVALID_FOR: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that is ours to send, how, and what may stand in the way.

    `refused` is why a message of a campaign may not be sent (`opted_out`, `no_consent`), or a reminder (`paid`,
    `disputed`, `instalments`).
    """

    message_id: UUID
    business_id: UUID
    conversation_id: UUID
    sender_id: UUID
    kind: str
    channel: str
    sender_address: str
    account_sid_var: str | None
    auth_token_var: str | None
    address: str
    text: str
    media: list[dict[str, Any]]
    choices: dict[str, Any] | None
    template: dict[str, Any] | None
    mail: dict[str, Any] | None
    attempts: int
    failures: int
    seconds_left: float
    opted_out: bool
    carrier_stopped: bool
    invalid: bool
    window_open: bool
    refused: str | None


@dataclass(frozen=True, slots=True)
class Result:
    """What came of an attempt, the how-manieth: a status, and the provider's SID, or why not, or when to try again.

    `counts`: the attempt failed by itself, not for being too many or for nobody being there to take it.
    """

    message_id: UUID
    attempt: int
    status: str
    provider_sid: str | None = None
    reason: str | None = None
    again_in: timedelta | None = None
    counts: bool = False


# Nobody gets too much at once: replies come in bursts of up to fifteen in half a minute (Twilio's error 14107 names the
# bound), all else to one person at least six seconds after what came before (WhatsApp's pair limit, error 63018).
_BURST: Final = (14, 30.0)
_SPACED: Final = (0, 6.0)

# A message waits for everything earlier of its conversation that is not accepted yet: for what is queued if that is as
# urgent and its time has come once, for one in doubt a minute at most. What is written for the morning holds up nothing
# that is said in the night. Claims and paces are dated by the database's own clock: they are about
# processes, not about days.
_CLAIM: Final = """
    WITH open AS MATERIALIZED (
        SELECT id, address, account_sid_var, auth_token_var, {rate} AS rate,
               GREATEST(free_at, clock_timestamp()) AS starts,
               CASE WHEN free_at IS NULL OR free_at <= clock_timestamp()
                    THEN GREATEST(1, floor({rate} * :ahead))
                    ELSE floor({rate} * (:ahead - extract(epoch FROM free_at - clock_timestamp())))
               END::int AS most
        FROM sender JOIN sender_pace ON sender_pace.sender_id = sender.id
        WHERE enabled AND (paused_until IS NULL OR paused_until <= :now) AND (channel = 'email') = :mails
          AND EXISTS (SELECT FROM message WHERE status = 'queued' AND priority = :priority AND sender_id = sender.id
                                                AND due_at <= :now)
        ORDER BY id
        FOR NO KEY UPDATE OF sender_pace
    ), due AS (
        SELECT open.id AS sender_id, one.id, cost, one.due_at, one.seq
        FROM open CROSS JOIN LATERAL (
            SELECT message.id, due_at, seq, COALESCE(segments, 1) AS cost
            FROM message
            WHERE status = 'queued' AND priority = :priority AND sender_id = open.id AND due_at <= :now {going}
              AND NOT EXISTS (
                  SELECT FROM message AS earlier
                  WHERE earlier.conversation_id = message.conversation_id AND earlier.seq < message.seq
                    AND earlier.status IN ('queued', 'sending', 'in_doubt')
                    AND CASE earlier.status WHEN 'queued' THEN earlier.priority <= message.priority
                                  AND (earlier.due_at <= :now OR earlier.attempts > 0)
                             ELSE earlier.claimed_at > clock_timestamp() - interval '1 minute' END)
              AND (SELECT before.claimed_at FROM message AS before
                   WHERE before.conversation_id = message.conversation_id AND before.seq < message.seq
                     AND before.claimed_at IS NOT NULL AND before.direction = 'outbound'
                   ORDER BY before.seq DESC OFFSET :burst LIMIT 1
                  ) > clock_timestamp() - make_interval(secs => :spaced) IS NOT TRUE
            ORDER BY due_at, seq LIMIT LEAST(open.most, :limit)
            FOR NO KEY UPDATE SKIP LOCKED
        ) AS one
        WHERE open.most > 0
    ), weighed AS (
        SELECT *, sum(cost) OVER one_by_one AS total, row_number() OVER one_by_one AS place
        FROM due WINDOW one_by_one AS (PARTITION BY sender_id ORDER BY due_at, seq)
    ), taken AS (
        SELECT weighed.id, weighed.sender_id, total
        FROM weighed JOIN open ON open.id = weighed.sender_id
        WHERE place = 1 OR total <= most
        ORDER BY place, weighed.due_at, seq LIMIT :limit
    ), paced AS (
        UPDATE sender_pace SET free_at = starts + make_interval(secs => spent / open.rate)
        FROM open JOIN (SELECT sender_id, max(total) AS spent FROM taken GROUP BY 1) AS spending
                  ON spending.sender_id = open.id
        WHERE sender_pace.sender_id = open.id
    ), claimed AS (
        UPDATE message SET status = 'sending', attempts = attempts + 1, claimed_at = clock_timestamp()
        FROM taken WHERE message.id = taken.id
        RETURNING message.*
    )
    SELECT message.id, message.business_id, message.conversation_id, message.sender_id, message.kind, message.channel,
           open.address, account_sid_var, auth_token_var, contact.address, text, media, choices, template, mail,
           attempts, failures,
           extract(epoch FROM message.created_at + {deadline} - :now)::float,
           talk.opted_out_at IS NOT NULL, talk.carrier_stopped,
           contact.invalid_at > :invalid_since
               AND (talk.last_inbound_at IS NULL OR talk.last_inbound_at < contact.invalid_at) IS TRUE,
           talk.last_inbound_at > :window_since IS TRUE, {refused}
    FROM claimed AS message JOIN open ON open.id = message.sender_id
    JOIN contact ON contact.id = message.contact_id
    JOIN conversation AS talk ON talk.id = message.conversation_id
    ORDER BY message.seq
"""
_ANY_DUE: Final = """
    SELECT EXISTS (
        SELECT FROM sender
        WHERE enabled AND (paused_until IS NULL OR paused_until <= :now) AND (channel = 'email') = :mails
          AND EXISTS (SELECT FROM message WHERE status = 'queued' AND priority = :priority AND sender_id = sender.id
                                                AND due_at <= :now {going}))
"""

# Of a campaign that is paused, or called off, or outside its hours, nothing is claimed from that instant on. Only who
# claims campaign messages asks, and asks anew whether their people still want them: it costs all others nothing.
_GOING: Final = """
    AND (campaign_id IS NULL OR EXISTS (
        SELECT FROM campaign JOIN business ON business.id = campaign.business_id
        WHERE campaign.id = campaign_id AND campaign.status IN ('running', 'finished')
          AND (CAST(:now AS timestamptz) AT TIME ZONE business.timezone)::time >= send_from
          AND (CAST(:now AS timestamptz) AT TIME ZONE business.timezone)::time < send_until))
"""
_REFUSED: Final = f"CASE WHEN message.campaign_id IS NOT NULL THEN {refusal_of('contact')} END"

# A reminder asks again whether anything is owed: somebody may have paid since it was prepared.
_WHY_REFUSED: Final = {CAMPAIGNS: _REFUSED, NOTICES: NO_REMINDER}


def _asking(statement: str, priority: int) -> TextClause:
    going = _GOING if priority == CAMPAIGNS else ""
    refused = _WHY_REFUSED.get(priority, "NULL")
    return text(statement.format(rate=RATE, deadline=DEADLINE, going=going, refused=refused))


_CLAIMS: Final = {priority: _asking(_CLAIM, priority) for priority in PRIORITIES}
_ANY: Final = {priority: _asking(_ANY_DUE, priority) for priority in PRIORITIES}
# Only a row that is still in this attempt is written: a callback may have been quicker, and it knows more. A code
# stands in its message while it may have to be sent, and no longer. What is too late for another try has failed. A
# mail that was taken has left us: nobody tells us more of it, nor can be asked.
_RECORD: Final = text(
    f"""
    WITH result AS MATERIALIZED (
        SELECT given.*, message.status = 'sending' AND attempts = attempt
                        OR message.status = 'in_doubt' AND attempts = attempt AND given.status = 'accepted' AS holds,
               CASE WHEN given.status = 'queued' AND given.due_at >= created_at + {DEADLINE}
                    THEN 'failed' ELSE given.status END AS becomes
        FROM jsonb_to_recordset(:results) AS given
            (id uuid, attempt int, status text, reason text, provider_sid text, due_at timestamptz, counts int)
        JOIN message ON message.id = given.id
        FOR NO KEY UPDATE OF message
    )
    UPDATE message
    SET status = CASE WHEN holds AND becomes = 'accepted' AND message.channel = 'email' THEN 'sent'
                      WHEN holds THEN becomes ELSE message.status END,
        sent_at = CASE WHEN holds AND becomes = 'accepted' AND message.channel = 'email' THEN :now ELSE sent_at END,
        looks = CASE WHEN message.channel = 'email' THEN {MOST_LOOKS} ELSE looks END,
        reason = CASE WHEN holds THEN result.reason ELSE message.reason END,
        provider_sid = CASE WHEN message.provider_sid IS NULL AND NOT EXISTS (
            SELECT FROM message AS other WHERE other.provider_sid = result.provider_sid)
            THEN result.provider_sid ELSE message.provider_sid END,
        accepted_at = CASE WHEN becomes = 'accepted' THEN :now ELSE accepted_at END,
        failed_at = CASE WHEN holds AND becomes IN ('failed', 'skipped') THEN :now ELSE failed_at END,
        due_at = CASE WHEN holds THEN COALESCE(result.due_at, message.due_at) ELSE message.due_at END,
        failures = failures + counts,
        text = CASE WHEN holds AND message.kind = 'code' AND becomes IN ('accepted', 'failed', 'skipped')
                    THEN {HIDDEN_TEXT} ELSE message.text END
    FROM result WHERE message.id = result.id
    RETURNING message.id, holds AND becomes IN ('failed', 'skipped'), holds AND becomes = 'accepted', priority,
              extract(epoch FROM :now - message.created_at)::float
    """  # noqa: S608  expressions of our own
).bindparams(bindparam("results", type_=JSONB))

# By how many seconds a server of mails may take longer to take one than Twilio, in the same words.
SLOWER: Final = "CASE message.channel WHEN 'email' THEN 30 ELSE 0 END"
_DOUBT: Final = text(
    f"""
    UPDATE message SET status = 'in_doubt'
    WHERE status = 'sending' AND claimed_at < clock_timestamp() - make_interval(secs => :seconds + {SLOWER})
    """  # noqa: S608  an expression of our own
)
_TOO_LATE: Final = text(
    f"""
    UPDATE message SET status = CASE WHEN attempts = 0 THEN 'skipped' ELSE 'failed' END,
        reason = 'too_late', failed_at = :now,
        text = CASE WHEN message.kind = 'code' THEN {HIDDEN_TEXT} ELSE message.text END
    WHERE id IN (SELECT id FROM message WHERE status = 'queued' AND created_at + {DEADLINE} <= :now
                 LIMIT :limit FOR NO KEY UPDATE SKIP LOCKED)
      AND status = 'queued'
    RETURNING id
    """  # noqa: S608  expressions of our own
)


def claim_due(session: Session, limit: int, priority: int = REPLIES, *, mails: bool = False) -> list[Claimed]:
    """Claim up to `limit` messages of one priority that are due, of all businesses, for this worker to send.

    Either `mails`, or what goes over Twilio.
    """
    at = now()
    burst, spaced = _BURST if priority == REPLIES else _SPACED
    values = {
        "now": at,
        "limit": limit,
        "priority": priority,
        "mails": mails,
        "ahead": AHEAD[priority],
        "burst": burst,
        "spaced": spaced,
        "window_since": at - WINDOW,
        "invalid_since": at - INVALID_FOR,
    }
    return [Claimed(*row) for row in session.execute(_CLAIMS[priority], values)]


def any_due(session: Session, priority: int, *, mails: bool = False) -> bool:
    """Tell whether anything of a priority is due, be it that it must wait for its turn or its pace."""
    return bool(session.scalar(_ANY[priority], {"now": now(), "priority": priority, "mails": mails}))


@dataclass(frozen=True, slots=True)
class Recorded:
    """The messages that were not sent and never will be; and of those that were: priority, and how old (seconds)."""

    not_sent: list[UUID]
    waits: list[tuple[int, float]]


def record_results(session: Session, results: Sequence[Result]) -> Recorded:
    """Write down what came of a batch of attempts."""
    at = now()
    rows = [
        {
            "id": str(result.message_id),
            "attempt": result.attempt,
            "status": result.status,
            "reason": result.reason,
            "provider_sid": result.provider_sid,
            "due_at": (at + result.again_in).isoformat() if result.again_in else None,
            "counts": int(result.counts),
        }
        for result in results
    ]
    written = session.execute(_RECORD, {"now": at, "results": rows}).all()
    return Recorded(
        not_sent=[message_id for message_id, not_sent, *_ in written if not_sent],
        waits=[(priority, seconds) for *_, accepted, priority, seconds in written if accepted],
    )


def doubt_abandoned(session: Session, seconds: float) -> int:
    """Put in doubt what has been sending for more than `seconds`, a mail half a minute more: its process died.

    Returns how many.
    """
    return session.execute(_DOUBT, {"seconds": seconds}).rowcount  # type: ignore[attr-defined,no-any-return]


def retire_late(session: Session, limit: int) -> list[UUID]:
    """Give up to `limit` messages up that are past their deadline. Returns them."""
    return list(session.scalars(_TOO_LATE, {"now": now(), "limit": limit}))
