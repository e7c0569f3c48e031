"""What staff do with a campaign: its draft, the phones of its list, its steps, and a test to oneself."""

from collections.abc import Iterable
from csv import Error as CsvError
from csv import reader
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bot.campaign_texts import Obstacle, Script
from bot.channels.twilio_accounts import Accounts
from domain.campaigns import DRAFT, MAY_BE_LATE, PAUSED, RUNNING, SCHEDULED, Campaign, IllegalCampaignStep, Step, move
from domain.clock import now
from domain.door import Visit
from domain.feeding import Going, Person, Reach, people_like
from domain.phones import PhoneError, to_e164
from domain.speaking import Letter, speak
from domain.templates import Template, wordings_of

_FURTHEST: Final = timedelta(days=366)
_BYTE_ORDER_MARK: Final = "\ufeff"
_TEST_KIND: Final = "staff"
_ADD_PHONES: Final = text(
    """
    INSERT INTO campaign_phone (campaign_id, excluded, address, business_id)
    SELECT :id, :excluded, address, :business_id FROM unnest(CAST(:addresses AS text[])) AS address
    ON CONFLICT DO NOTHING
    """
)
_FORGET_PHONES: Final = text("DELETE FROM campaign_phone WHERE campaign_id = :id AND excluded = :excluded")
_COUNT_PHONES: Final = text(
    """
    SELECT count(*) FILTER (WHERE NOT excluded), count(*) FILTER (WHERE excluded)
    FROM campaign_phone WHERE campaign_id = :id
    """
)
_SOME_PHONES: Final = text(
    "SELECT address FROM campaign_phone WHERE campaign_id = :id AND excluded = :excluded ORDER BY address LIMIT :limit"
)


class BadPhone(ValueError):
    """The one at `place` of a list of phones is none."""

    def __init__(self, place: int) -> None:
        super().__init__("this is not a telephone number")
        self.place = place


class BadTime(ValueError):
    """A time that has passed, or is further away than anybody plans."""


class Overdue(ValueError):
    """The time at which it should have begun has passed: it is asked, not begun."""


class BadTemplate(ValueError):
    """There is no such template, or a value for one of its variables is missing."""


def addresses_of(phones: Iterable[str], country: str) -> list[str]:
    """Return phones, in any usual form, as they are kept. Raises BadPhone."""
    found = []
    for place, phone in enumerate(phones):
        try:
            found.append(to_e164(phone, country))
        except PhoneError:
            raise BadPhone(place) from None
    return found


def phones_in(csv: str) -> list[str]:
    """Return the first column of CSV, as spreadsheets write it; a first line without any digit is a header.

    Raises BadPhone where it is no CSV.
    """
    rows = reader(csv.removeprefix(_BYTE_ORDER_MARK).splitlines(), delimiter=_delimiter_of(csv))
    try:
        firsts = [row[0].strip() for row in rows if row and row[0].strip()]
    except CsvError:
        raise BadPhone(0) from None
    return firsts[1:] if firsts and not any(map(str.isdigit, firsts[0])) else firsts


def _delimiter_of(csv: str) -> str:
    first = csv.partition("\n")[0]
    return max(",;\t", key=first.count)


def instant_of(given: datetime, timezone: str) -> datetime:
    """Return when is meant: by the clock of the business where no offset is given. Raises BadTime."""
    try:
        aware = given if given.tzinfo else given.replace(tzinfo=ZoneInfo(timezone))
        instant = aware.astimezone(UTC)
    except (OverflowError, ValueError):
        raise BadTime("this time can't be meant") from None
    if not now() - MAY_BE_LATE <= instant <= now() + _FURTHEST:
        raise BadTime("this time has passed, or is more than a year away")
    return instant


def clock_time(written: str) -> time:
    """Return HH:MM as a time."""
    return time.fromisoformat(written)


def pace_of(given: float | None) -> Decimal | None:
    """Return messages per second as they are kept."""
    return None if given is None else round(Decimal(given), 3)


def check_template(session: Session, business_id: UUID, name: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Raise BadTemplate where a template can't be said with the values of `given`, or those that all `known` have."""
    statement = select(Template.variables).where(Template.business_id == business_id, Template.name == name)
    versions = session.scalars(statement).all()
    if not versions:
        raise BadTemplate("there is no template with this name")
    missing = {one for variables in versions for one in variables} - set(given) - set(known)
    if missing:
        raise BadTemplate(f"a value for {min(missing)} is missing in variables")


def list_phones(session: Session, campaign: Campaign, addresses: list[str] | None, *, excluded: bool) -> None:
    """Let these be the phones of a campaign's list, and no others; None: it has none."""
    session.execute(_FORGET_PHONES, {"id": campaign.id, "excluded": excluded})
    add_phones(session, campaign, addresses or [], excluded=excluded)


def add_phones(session: Session, campaign: Campaign, addresses: list[str], *, excluded: bool) -> tuple[int, int]:
    """Add phones to a campaign's list. Returns how many it has, and how many are excluded."""
    values = {"id": campaign.id, "excluded": excluded, "business_id": campaign.business_id, "addresses": addresses}
    session.execute(_ADD_PHONES, values)
    listed, kept_out = session.execute(_COUNT_PHONES, {"id": campaign.id}).one()
    return listed, kept_out


def some_phones(session: Session, campaign_id: UUID, limit: int, *, excluded: bool) -> list[str]:
    """Return the first phones of a campaign's list."""
    return list(session.scalars(_SOME_PHONES, {"id": campaign_id, "excluded": excluded, "limit": limit}))


def start(session: Session, campaign: Campaign) -> Step:
    """Let a draft begin: now, or at its time. Raises IllegalCampaignStep, and Overdue."""
    if campaign.status != DRAFT:
        raise IllegalCampaignStep(f"a campaign that is {campaign.status} can't be started")
    if campaign.schedule_at is not None and campaign.schedule_at > now():
        return move(session, campaign.id, SCHEDULED)
    if campaign.schedule_at is not None and now() - campaign.schedule_at > MAY_BE_LATE:
        raise Overdue("its time has passed: set another, or none")
    return move(session, campaign.id, RUNNING)


def resume(session: Session, campaign: Campaign) -> Step:
    """Let a paused campaign go on; one whose time has not come yet waits for it. Raises IllegalCampaignStep."""
    if campaign.status != PAUSED:
        raise IllegalCampaignStep(f"a campaign that is {campaign.status} can't be resumed")
    waits = campaign.started_at is None and campaign.schedule_at is not None and campaign.schedule_at > now()
    return move(session, campaign.id, SCHEDULED if waits else RUNNING)


def say_test(
    session: Session, accounts: Accounts, going: Going, to: str, language: str, made_up: str
) -> Letter | Obstacle:
    """Say to a phone what a campaign says, with made-up values, and return what was said or why not."""
    (found,) = people_like(session, going, [{"address": to, "customer_id": None, "language": language}])
    wordings = wordings_of(session, going.business_id, going.template) if going.template else []
    script = Script(going, accounts, wordings)
    said = [(way, script.said(_made_up(found, made_up, language), _asked_for(way, language))) for way in found.ways]
    for _, one in said:
        if not isinstance(one, Obstacle):
            letter = _as_letter(one)
            speak(Visit.within(session), going.business_id, [letter])
            return letter
    return next((one for _, one in said if isinstance(one, Obstacle)), Obstacle("no_route"))


def _made_up(person: Person, name: str, language: str) -> Person:
    return Person(
        person.seq, person.address, None, language, name, name, "1001", 12345, date(2026, 1, 31), capped=False,
        ways=person.ways,
    )  # fmt: skip


def _asked_for(way: Reach, language: str) -> Reach:
    """Who asks for a test need not have agreed to offers; who opted out gets none all the same."""
    refused = None if way.refused == "no_consent" else way.refused
    return Reach(way.sender_id, way.channel, way.account_sid_var, language, way.window_open, refused)


def _as_letter(way: dict[str, Any]) -> Letter:
    given = {**way, "sender_id": UUID(way["sender_id"])}
    return Letter(kind=_TEST_KIND, **given)
