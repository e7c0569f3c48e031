"""What follows when a message failed: it is tried again, or another way, and whoever must know is told."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import uniform
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from bot.channels.twilio_errors import Deed, Meaning, meaning_of
from bot.jobs.counting import happened
from domain.campaigns import pause_by_itself
from domain.clock import now
from domain.door import Visit
from domain.failures import Failed, failed, mark_invalid, opt_out_at_carrier, replace, senders_of
from domain.hands import mark_dead
from domain.notifications import CRITICAL, INFO, WARNING, notify
from domain.pace import pause
from domain.speaking import Letter, speak

# Then it is tried again; what failed for the sender's sake waits as long.
PAUSED_FOR: Final = timedelta(minutes=5)
_JITTER: Final = 0.25
_LONGEST_WAIT: Final = timedelta(hours=24)


def pause_before(wait: timedelta, times: int) -> timedelta:
    """Return how long to wait after `times` failures: longer each time, and never quite as long as somebody else."""
    grown: timedelta = min(wait * 2 ** min(times, 16), _LONGEST_WAIT)
    return grown * uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311  not a secret


def act_on(session: Session, messages: Sequence[UUID]) -> None:
    """Do what the reasons ask for why `messages` failed. They have just failed, in this transaction."""
    found = [(one, meaning_of(one.reason)) for one in failed(session, messages)]
    for one, _ in found:
        happened("failures", one.reason)
    if not found:
        return
    _act_on_people(session, found)
    instead = {one.message_id: letter for one, meaning in found if (letter := _instead(one, meaning))}
    _say(session, {one.message_id: one.business_id for one, _ in found}, instead)
    pause_senders(session, [(one.message_id, one.reason) for one, _ in found])
    _stop_campaigns(session, found)
    _tell_staff(session, [(one, meaning) for one, meaning in found if one.message_id not in instead])


def _act_on_people(session: Session, found: list[tuple[Failed, Meaning]]) -> None:
    gone = {(one.contact_id, one.reason) for one, meaning in found if Deed.BAD_ADDRESS in meaning.deeds}
    if gone:
        mark_invalid(session, gone)
        mark_dead(session, [one.message_id for one, _ in found])
    stopped = {one.conversation_id for one, meaning in found if Deed.OPT_OUT in meaning.deeds}
    if stopped:
        opt_out_at_carrier(session, stopped)


def pause_senders(session: Session, refused: Sequence[tuple[UUID, str]]) -> None:
    """Pause the senders of messages that were refused for their sender's sake, and tell staff; refused: (id, why)."""
    why = {message: reason for message, reason in refused if Deed.PAUSE_SENDER in meaning_of(reason).deeds}
    for sender, reason in {(one, why[message]) for message, one in senders_of(session, list(why))} if why else ():
        meaning = meaning_of(reason)
        pause(session, sender.id, meaning.reason, now() + PAUSED_FOR)
        facts = {"code": reason, "reason": meaning.reason}
        notify(session, sender.business_id, "sender_paused", CRITICAL, facts, ("sender", sender.id))


def _stop_campaigns(session: Session, found: list[tuple[Failed, Meaning]]) -> None:
    """Pause the campaigns whose other messages would fare no better."""
    stopped = {
        one.campaign_id: one.reason for one, meaning in found if one.campaign_id and Deed.STOP_CAMPAIGN in meaning.deeds
    }
    for campaign_id, reason in sorted(stopped.items()):
        pause_by_itself(session, campaign_id, meaning_of(reason).reason, error=reason)


def _instead(one: Failed, meaning: Meaning) -> Letter | None:
    """Return what takes the place of a message that failed, if anything does."""
    if one.kind == "code":
        return None  # it is hidden by now, and worth nothing: a new one is asked for
    # What was refused at once was tried again as the same message; what failed on its way becomes a new one.
    if one.status == "undelivered" or (one.status == "failed" and not _was_refused(one)):
        due_at = now() + pause_before(meaning.wait, one.failures)
        if one.failures < meaning.attempts and due_at < one.until:
            return _again(one, due_at)
    return _another_way(one) if meaning.fall_back and one.ways else None


def _was_refused(one: Failed) -> bool:
    return one.provider_sid is None


def _again(one: Failed, due_at: datetime) -> Letter:
    return Letter(
        sender_id=one.sender_id,
        channel=one.channel,
        address=one.address,
        kind=one.kind,
        text=one.text,
        encoding=one.encoding,
        segments=one.segments,
        choices=one.choices,
        media=one.media,
        customer_id=one.customer_id,
        template=one.template,
        mail=one.mail,
        ways=one.ways,
        failures=one.failures + 1,
        due_at=due_at,
        campaign_id=one.campaign_id,
    )


def _another_way(one: Failed) -> Letter:
    way, *others = one.ways
    return Letter(
        sender_id=UUID(way["sender_id"]),
        channel=way["channel"],
        address=way["address"],
        kind=one.kind,
        text=way["text"],
        encoding=way["encoding"],
        segments=way["segments"],
        media=way["media"],
        customer_id=one.customer_id,
        template=way["template"],
        mail=way.get("mail"),
        ways=others,
        campaign_id=one.campaign_id,
    )


def _say(session: Session, business_of: dict[UUID, UUID], instead: dict[UUID, Letter]) -> None:
    by_business: dict[UUID, list[Letter]] = {}
    for old, letter in instead.items():
        by_business.setdefault(business_of[old], []).append(letter)
    for business_id, letters in by_business.items():
        speak(Visit.within(session), business_id, letters)
    if instead:
        replace(session, [(old, letter.message_id) for old, letter in instead.items()])


def _tell_staff(session: Session, final: list[tuple[Failed, Meaning]]) -> None:
    """Tell them once of each sender and reason, however many messages it was."""
    groups: dict[tuple[UUID, UUID, str], list[Failed]] = {}
    for one, meaning in final:
        if Deed.QUIET not in meaning.deeds:
            groups.setdefault((one.business_id, one.sender_id, one.reason), []).append(one)
    for (business_id, sender_id, reason), ones in groups.items():
        meaning = meaning_of(reason)
        facts: dict[str, Any] = {"code": reason, "reason": meaning.reason, "message_id": str(ones[-1].message_id)}
        subject = ("sender", sender_id)
        notify(session, business_id, "messages_failed", _severity(meaning), facts, subject, times=len(ones))


def _severity(meaning: Meaning) -> str:
    return WARNING if Deed.TELL_STAFF in meaning.deeds else INFO
