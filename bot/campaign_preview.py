"""What would come of a campaign: how many would get it, why the others would not, and what some of them would read."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from bot.channels.twilio_accounts import Accounts
from bot.jobs.campaigns import decide
from domain.audiences import samples, tally
from domain.businesses import Business
from domain.campaigns import Campaign
from domain.feeding import Going, people_like
from domain.senders import SMS
from domain.speaking import Letter

# Looked at in each language; the rest is reckoned from these.
_EACH: Final = 50


@dataclass(frozen=True, slots=True)
class Foreseen:
    """`skipped` is why and how many; `letters` are what those would get who were looked at, with their language."""

    sendable: int
    skipped: dict[str, int]
    letters: list[tuple[str, Letter]]

    @property
    def segments(self) -> list[int]:
        """The segments of each SMS among them."""
        return [letter.segments or 1 for _, letter in self.letters if letter.channel == SMS]


def going_of(campaign: Campaign, business: Business) -> Going:
    """Return the campaign as if it went on now."""
    return Going(
        campaign.id, campaign.business_id, campaign.channel, campaign.texts, campaign.template, campaign.variables,
        campaign.media_url, business.name_en, business.name_ar, business.currency, business.timezone,
        business.language, _EACH,
    )  # fmt: skip


def foresee(session: Session, accounts: Accounts, campaign: Campaign, business: Business) -> Foreseen:
    """Return what would come of `campaign` if it went out now."""
    about = (business.timezone, business.language)
    counted = tally(session, campaign, *about)
    found = samples(session, campaign, *about, each=_EACH)
    going = going_of(campaign, business)
    asked = [
        {"address": one.address, "customer_id": str(one.customer_id) if one.customer_id else None,
         "language": one.language}
        for one in found
    ]  # fmt: skip
    decided = decide(session, accounts, going, people_like(session, going, asked))
    sendable = counted.pop(None, 0)
    skipped = {str(reason): number for reason, number in counted.items()}
    if len(found) == sendable:  # everybody was looked at, so nothing need be reckoned
        for one in decided:
            if one.reason:
                skipped[one.reason] = skipped.get(one.reason, 0) + 1
                sendable -= 1
    letters = [(found[one.seq - 1].language, one.letter) for one in decided if one.letter]
    return Foreseen(sendable, skipped, letters)
