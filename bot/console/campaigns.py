"""Campaigns: written, looked at beforehand, started, watched, paused and called off."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from flask import Response

from bot.api import campaigns as api
from bot.api.campaign_shapes import CampaignInFull, Preview
from bot.campaign_texts import VARIABLES
from bot.console.campaign_form import as_filled, read_campaign
from bot.console.kept import Kept
from bot.console.links import going_to, link_to
from bot.console.readers import Reader
from bot.console.sections import PEOPLE, Section
from bot.problems import Problem
from domain.businesses import LANGUAGES
from domain.campaigns import CAMPAIGN_STATUSES, CANCELLED, DRAFT
from domain.staff import AGENT
from domain.subscriptions.states import SUBSCRIPTION_STATUSES

campaigns = Section()

_LIVE: Final = "campaigns"
_ONE: Final = "/campaigns/<uuid:campaign_id>"
# In which order the counts are shown, and drawn.
PARTS: Final = (
    "read", "delivered", "sent", "queued", "waiting", "in_doubt", "undelivered", "failed", "skipped", "cancelled",
)  # fmt: skip
# What may be done from where it stands: the state that it leads to, and by which operation.
STEPS: Final = {"start": "running", "resume": "running", "pause": "paused", "cancel": "cancelled"}


@campaigns.page("/campaigns", title="console.campaigns", template="campaigns.html", menu=PEOPLE, live=_LIVE)
def campaign_list(reader: Reader) -> dict[str, Any]:
    """List campaigns, the newest first."""
    found = reader.listing(api.list_campaigns)
    return {"found": found, "statuses": CAMPAIGN_STATUSES, "may_make": reader.may(api.make_campaign)}


@campaigns.page("/campaigns/new", title="console.new_campaign", template="campaign_form.html", role=AGENT)
def new_campaign_page(reader: Reader) -> dict[str, Any]:
    """Ask what a new campaign says, and to whom."""
    return {"shown": None, "values": {"channel": "auto", "from": "09:00", "until": "19:00"}, **_choices(reader)}


@campaigns.page(_ONE, title="console.campaign", template="campaign.html", live=_LIVE)
def campaign_page(reader: Reader, campaign_id: UUID) -> dict[str, Any]:
    """Show a campaign: what it says, how it stands, and what may be done now; of a draft, what would come of it."""
    shown = reader.ask(api.show_campaign, campaign_id=campaign_id)
    may_act = reader.may(api.start_campaign)
    recipients = reader.listing(api.list_recipients, {}, campaign_id=campaign_id)
    return {
        "shown": shown,
        "preview": _preview(reader, shown),
        "steps": _steps(shown) if may_act else [],
        "may_act": may_act,
        "parts": _parts(shown),
        "recipients": recipients,
        "languages": LANGUAGES,
    }


@campaigns.page(f"{_ONE}/edit", title="console.edit_campaign", template="campaign_form.html", role=AGENT)
def edit_campaign_page(reader: Reader, campaign_id: UUID) -> dict[str, Any]:
    """Ask what is to change of a draft."""
    shown = reader.ask(api.show_campaign, campaign_id=campaign_id)
    if shown.status != DRAFT and reader.form is None:
        raise Problem(409, "illegal_transition", "only a draft can be changed")
    return {"shown": shown, "values": as_filled(shown, reader.business), **_choices(reader)}


@campaigns.page(f"{_ONE}/cancel", title="console.cancel_campaign", template="campaign_cancel.html", role=AGENT)
def cancel_campaign_page(reader: Reader, campaign_id: UUID) -> dict[str, Any]:
    """Ask whether it is to be called off."""
    shown = reader.ask(api.show_campaign, campaign_id=campaign_id)
    if CANCELLED not in shown.may_become and reader.form is None:
        raise Problem(409, "illegal_transition", "it is over")
    return {"shown": shown}


def _to_it(_: Reader, answer: CampaignInFull, __: Mapping[str, Any]) -> Response:
    return going_to(link_to(_ONE, {"campaign_id": answer.id}, {"done": "campaign_saved"}))


campaigns.form("/campaigns/new", does=api.make_campaign, on=new_campaign_page, read=read_campaign, finish=_to_it)
campaigns.form(f"{_ONE}/edit", does=api.change_campaign, on=edit_campaign_page, read=read_campaign, finish=_to_it)
campaigns.form(f"{_ONE}/start", does=api.start_campaign, on=campaign_page, done="campaign_started")
campaigns.form(f"{_ONE}/pause", does=api.pause_campaign, on=campaign_page, done="campaign_paused")
campaigns.form(f"{_ONE}/resume", does=api.resume_campaign, on=campaign_page, done="campaign_started")
campaigns.form(
    f"{_ONE}/cancel", does=api.cancel_campaign, on=cancel_campaign_page, done="campaign_cancelled", then=campaign_page
)
campaigns.form(f"{_ONE}/test", does=api.test_campaign, on=campaign_page, done="campaign_tested")


def _choices(reader: Reader) -> dict[str, Any]:
    return {
        "variables": VARIABLES,
        "subscription_statuses": SUBSCRIPTION_STATUSES,
        "currency": reader.business.currency,
    }


# Of a draft as it reads now, and for its business: a change is foreseen anew.
_foreseen: Final[Kept[Preview]] = Kept()


def _preview(reader: Reader, shown: CampaignInFull) -> Preview | None:
    if shown.status != DRAFT:
        return None
    key = (reader.call.business_id, shown.model_dump_json())
    return _foreseen.get(key, lambda: reader.ask(api.preview_campaign, campaign_id=shown.id))


def _steps(shown: CampaignInFull) -> list[str]:
    """Return what may be done: a draft is started, what is paused goes on."""
    leads = [name for name, to in STEPS.items() if to in shown.may_become]
    wrong = "resume" if shown.status == DRAFT else "start"
    return [name for name in leads if name != wrong]


def _parts(shown: CampaignInFull) -> list[tuple[str, int, float, float]]:
    """Return each count that is not nothing: its name, how many, and where its part of the bar is, of 100."""
    counts, found, at = shown.counts.model_dump(), [], 0.0
    for name in PARTS:
        if counts[name]:
            width = 100 * counts[name] / max(shown.counts.audience, 1)
            found.append((name, counts[name], round(at, 3), round(width, 3)))
            at += width
    return found
