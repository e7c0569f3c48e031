"""Lets campaigns go on: begins what is due, writes recipients down, feeds the outbox, and stops what fails."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlalchemy.orm import Session

from bot.campaign_texts import Obstacle, Script
from bot.channels.twilio_accounts import Accounts
from bot.channels.twilio_errors import Deed, meaning_of
from bot.jobs.failing import fails_in_one_line
from bot.jobs.queues import CAMPAIGN_QUEUE
from bot.jobs.stopping import stopping
from bot.jobs.worker_services import WorkerServices, worker_services
from bot.logs import bound
from domain.audiences import prepare
from domain.businesses import Business
from domain.campaigns import Campaign, pause_by_itself
from domain.door import Visit
from domain.feeding import Going, Outcome, Person, give, hold_limits, limits_of, portion_of, rest, take_campaign
from domain.senders import WHATSAPP
from domain.speaking import Letter, speak
from domain.templates import wordings_of
from domain.tending import begin_due, failures_of, finish, is_speechless, is_too_much, open_campaigns, take_back

log = structlog.get_logger()

_KIND: Final = "campaign"
NO_WAY: Final = "no_route"
NO_SENDER: Final = "no_sender"
CAPPED: Final = "weekly_cap"
_UNSETTLED: Final = "unsettled"
# Only one of all schedulers writes the recipients of a campaign down; what the others would add is there by then.
_ALONE: Final = text("SELECT pg_try_advisory_xact_lock(hashtextextended('preparing ' || :id, 0))")


@fails_in_one_line
def tend_campaigns() -> None:
    """Look after every campaign that is open, and feed those that go on."""
    tend_all(worker_services())


@fails_in_one_line
def prepare_campaigns() -> None:
    """Write down the recipients of campaigns that have begun."""
    prepare_all(worker_services())


def prepare_all(services: WorkerServices) -> int:
    """Prepare what has begun. Returns how many campaigns it was."""
    with services.door.for_every_business() as session:
        wanted = [one.id for one in open_campaigns(session) if one.unprepared]
    return sum(_prepare(services, campaign_id) for campaign_id in wanted)


def _prepare(services: WorkerServices, campaign_id: UUID) -> bool:
    with bound(campaign_id=campaign_id), services.door.for_every_business() as session:
        if not session.scalar(_ALONE, {"id": str(campaign_id)}):
            return False
        campaign = session.get_one(Campaign, campaign_id)
        if campaign.prepared_at is not None:
            return False
        business = session.get_one(Business, campaign.business_id)
        log.info("campaign is being prepared")
        added = prepare(session, campaign, business.timezone, business.language)
        log.info("campaign is prepared", recipients=added)
    return True


def tend_all(services: WorkerServices) -> int:
    """Look after every open campaign once. Returns how many recipients had their turn."""
    with services.door.for_every_business() as session:
        begin_due(session)
    with services.door.for_every_business() as session:
        ready = [one.id for one in open_campaigns(session) if not one.unprepared]
    fed = 0
    for campaign_id in ready:
        if stopping():
            break
        with bound(campaign_id=campaign_id):
            fed += _tend(services, campaign_id)
    return fed


def _tend(services: WorkerServices, campaign_id: UUID) -> int:
    with services.door.for_every_business() as session:
        if take_back(session, campaign_id):
            return 0
        if is_speechless(session, campaign_id):
            pause_by_itself(session, campaign_id, NO_SENDER)
        pause_where_it_fails(session, campaign_id)
    fed = feed(services, campaign_id)
    if not fed:
        with services.door.for_every_business() as session:
            if finish(session, campaign_id):
                log.info("campaign finished")
    return fed


def pause_where_it_fails(session: Session, campaign_id: UUID) -> None:
    """Pause a campaign of whose messages too many fail for one reason.

    What people wish is no failure, and what a process of ours took with it when it died tells nothing of the others.
    """
    kinds: dict[str, int] = {}
    for code, number in failures_of(session, campaign_id).items():
        meaning = meaning_of(code)
        if Deed.QUIET not in meaning.deeds and code != _UNSETTLED:
            kinds[meaning.reason] = kinds.get(meaning.reason, 0) + number
    worst = max(kinds, key=lambda reason: kinds[reason], default=None)
    tried = is_too_much(session, campaign_id, kinds[worst]) if worst else None
    if worst and tried and pause_by_itself(session, campaign_id, worst, failed=kinds[worst], of=tried):
        log.warning("campaign paused: too much of it fails", reason=worst)


def feed(services: WorkerServices, campaign_id: UUID) -> int:
    """Give a portion of a campaign's recipients their message. Returns how many had their turn."""
    with services.door.for_every_business() as session:
        going = take_campaign(session, campaign_id)
        people = portion_of(session, going) if going and going.room else []
        if going is None or not people:
            return 0
        hold_limits(session, going.business_id)
        decided = decide(session, services.accounts, going, people)
        letters = [one.letter for one in decided if one.letter]
        spoken = set(speak(Visit.within(session), going.business_id, letters)) if letters else set()
        outcomes = [_outcome(one, spoken) for one in decided]
        give(session, campaign_id, [one for one in outcomes if one])
        if not any(one.letter or one.reason for one in decided):
            rest(session, campaign_id)
    if letters:
        services.bell.ring(CAMPAIGN_QUEUE)
    return len(decided)


@dataclass(frozen=True, slots=True)
class Decided:
    """What is to become of a recipient: a message, or a reason why not; with neither they go on waiting."""

    seq: int
    letter: Letter | None = None
    reason: str | None = None


def decide(session: Session, accounts: Accounts, going: Going, people: Sequence[Person]) -> list[Decided]:
    """Decide what is said to whom. Where an account may write to no more people today, they wait till it may."""
    wordings = wordings_of(session, going.business_id, going.template) if going.template else []
    script = Script(going, accounts, wordings)
    limits = limits_of(session, going.business_id)
    return [_decide(script, going, person, limits) for person in people]


def _decide(script: Script, going: Going, person: Person, limits: dict[str | None, int]) -> Decided:
    if person.capped:
        return Decided(person.seq, reason=CAPPED)
    said = [(reach, script.said(person, reach)) for reach in person.ways]
    ways = [(reach, way) for reach, way in said if not isinstance(way, Obstacle)]
    if not ways:
        why = next((way.reason for _, way in said if isinstance(way, Obstacle)), NO_WAY)
        return Decided(person.seq, reason=why)
    reach, best = ways[0]
    account = reach.account_sid_var
    if reach.channel == WHATSAPP and not reach.window_open and account in limits:
        if limits[account] <= 0:
            return Decided(person.seq)
        limits[account] -= 1
    return Decided(person.seq, letter=_letter(going, person, best, [way for _, way in ways[1:]]))


def _letter(going: Going, person: Person, best: dict[str, Any], others: list[dict[str, Any]]) -> Letter:
    return Letter(
        sender_id=UUID(best["sender_id"]),
        channel=best["channel"],
        address=best["address"],
        kind=_KIND,
        text=best["text"],
        encoding=best["encoding"],
        segments=best["segments"],
        media=best["media"],
        template=best["template"],
        ways=others,
        customer_id=person.customer_id,
        campaign_id=going.id,
    )


def _outcome(one: Decided, spoken: set[UUID]) -> Outcome | None:
    if one.letter is None:
        return Outcome(one.seq, reason=one.reason) if one.reason else None
    # Who could not be given it now, because somebody else made their contact at this instant, has another turn.
    return Outcome(one.seq, one.letter.message_id) if one.letter.message_id in spoken else None
