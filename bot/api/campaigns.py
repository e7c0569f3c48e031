"""Campaigns: broadcasts to an audience."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, literal_column, select
from sqlalchemy import text as sql

from bot.api.calls import Call
from bot.api.campaign_shapes import (
    Audience,
    CampaignChange,
    CampaignInFull,
    CampaignNew,
    CampaignQuery,
    CampaignShown,
    Counts,
    PhonesCounted,
    PhonesMore,
    Preview,
    RecipientShown,
    Rendered,
    Segments,
    TestSent,
    TestTo,
)
from bot.api.pages import Order, page
from bot.api.routes import Resource
from bot.api.shapes import Page, PageQuery
from bot.campaign_preview import foresee, going_of
from bot.campaign_texts import VARIABLES, Obstacle
from bot.campaigns import (
    BadPhone,
    BadTemplate,
    BadTime,
    Overdue,
    add_phones,
    addresses_of,
    check_template,
    clock_time,
    instant_of,
    list_phones,
    pace_of,
    phones_in,
    resume,
    say_test,
    some_phones,
    start,
)
from bot.jobs.queues import REPLY_QUEUE
from bot.problems import FieldProblem, Problem
from domain.audit import AuditEntry
from domain.businesses import Business
from domain.campaign_counts import COUNTED, counts_of
from domain.campaigns import (
    BY_STAFF,
    CANCELLED,
    DRAFT,
    PAUSED,
    STEPS_TO,
    Campaign,
    CampaignRecipient,
    IllegalCampaignStep,
    move,
)
from domain.clock import now
from domain.ids import new_id
from domain.messages import Message
from domain.staff import AGENT, VIEWER

campaigns = Resource("campaigns", "Campaigns: broadcasts to an audience, and what became of them.")

_NEWEST_FIRST = Order((Campaign.created_at, Campaign.id), ("created_at", "id"))
_RECIPIENT: Final[Any] = CampaignRecipient.__table__.alias("recipient")
_IN_ORDER = Order((_RECIPIENT.c.seq,), ("number",), descending=False)
_STEP: Final = {409: "From where the campaign is it may not go there."}
_DRAFT_ONLY: Final = {409: "It is a draft no longer."}
_SHOWN_PHONES: Final = 100
_SHOWN_SAMPLES: Final = 3
_TESTS_A_MINUTE: Final = 5
# How the audience's parts are kept, where they are not kept by their own name.
_KEPT_APART: Final = {"phones", "exclude", "due_over"}


@campaigns.post("/campaigns", role=AGENT, body=CampaignNew, answer=CampaignInFull, status=201)
def make_campaign(call: Call, body: CampaignNew) -> CampaignInFull:
    """Make a campaign, as a draft. It begins when it is started."""
    campaign = Campaign(id=new_id(), business_id=call.business_id, created_at=now())
    _write(call, campaign, body.model_dump(), body.audience)
    call.record("campaign.created", ("campaign", campaign.id), None, _facts(campaign))
    return _in_full(call, campaign)


@campaigns.get("/campaigns", role=VIEWER, query=CampaignQuery, answer=Page[CampaignShown])
def list_campaigns(call: Call, query: CampaignQuery) -> Page[CampaignShown]:
    """List campaigns, the newest first."""
    statement = select(Campaign).where(Campaign.business_id == call.business_id)
    if query.status is not None:
        statement = statement.where(Campaign.status == query.status)
    return page(call, statement, _NEWEST_FIRST, query, lambda row: CampaignShown(**_shown(call, row[0])))


@campaigns.get("/campaigns/<uuid:campaign_id>", role=VIEWER, answer=CampaignInFull)
def show_campaign(call: Call, campaign_id: UUID) -> CampaignInFull:
    """Show a campaign, and how it stands."""
    return _in_full(call, _found(call, campaign_id))


@campaigns.patch(
    "/campaigns/<uuid:campaign_id>", role=AGENT, body=CampaignChange, answer=CampaignInFull, problems=_DRAFT_ONLY
)
def change_campaign(call: Call, campaign_id: UUID, body: CampaignChange) -> CampaignInFull:
    """Change a draft."""
    campaign = _draft(call, campaign_id)
    before = _facts(campaign)
    given = body.model_dump(exclude_unset=True)
    _write(call, campaign, given, body.audience if "audience" in given else None)
    call.record("campaign.changed", ("campaign", campaign.id), before, _facts(campaign))
    return _in_full(call, campaign)


@campaigns.post(
    "/campaigns/<uuid:campaign_id>/phones", role=AGENT, body=PhonesMore, answer=PhonesCounted, problems=_DRAFT_ONLY
)
def add_campaign_phones(call: Call, campaign_id: UUID, body: PhonesMore) -> PhonesCounted:
    """Add phones to the list of a draft.

    With a list, only who is in it is in the audience. A large file is given in several portions.
    """
    campaign = _draft(call, campaign_id)
    addresses = _addresses(call, [*body.phones, *_phones_in(body.csv)], "phones")
    listed, excluded = add_phones(call.session, campaign, addresses, excluded=body.exclude)
    campaign.listed = campaign.listed or not body.exclude
    after = {"added": len(addresses), "excluded": body.exclude}
    call.record("campaign.phones_added", ("campaign", campaign.id), None, after)
    return PhonesCounted(phones=listed, excluded=excluded)


@campaigns.get("/campaigns/<uuid:campaign_id>/preview", role=VIEWER, answer=Preview)
def preview_campaign(call: Call, campaign_id: UUID) -> Preview:
    """Tell what would come of it now: how many would get it, why the others would not, and what some would read."""
    campaign, business = _found(call, campaign_id), call.session.get_one(Business, call.business_id)
    seen = foresee(call.session, call.services.accounts, campaign, business)
    counted = seen.segments
    estimated = round(sum(counted) / len(seen.letters) * seen.sendable) if counted else 0
    samples: dict[Any, list[Rendered]] = {}
    for language, letter in seen.letters:
        ones = samples.setdefault(language, [])
        if len(ones) < _SHOWN_SAMPLES:
            ones.append(
                Rendered(
                    address=letter.address or "",
                    channel=letter.channel or "",
                    text=letter.text,
                    segments=letter.segments,
                    template=letter.template is not None,
                )
            )
    return Preview(
        audience=seen.sendable + sum(seen.skipped.values()),
        sendable=seen.sendable,
        skipped=seen.skipped,
        segments=Segments(least=min(counted), most=max(counted), estimated=estimated) if counted else None,
        samples=samples,
    )


@campaigns.post(
    "/campaigns/<uuid:campaign_id>/test",
    role=AGENT,
    body=TestTo,
    answer=TestSent,
    status=202,
    problems={429: "Five tests a minute are enough."},
)
def test_campaign(call: Call, campaign_id: UUID, body: TestTo) -> TestSent:
    """Send it to a phone of your own, now, with made-up values."""
    campaign, business = _found(call, campaign_id), call.session.get_one(Business, call.business_id)
    _not_too_often(call)
    (to,) = _addresses(call, [body.to], "to")
    going, who = going_of(campaign, business), call.principal.name
    said = say_test(call.session, call.services.accounts, going, to, body.language, who)
    call.record("campaign.tested", ("campaign", campaign.id), None, {"phone": to, "language": body.language})
    if isinstance(said, Obstacle):
        return TestSent(id=campaign.id, status="skipped", reason=said.reason)
    call.after_commit(lambda: call.services.bell.ring(REPLY_QUEUE))
    return TestSent(id=said.message_id, status=said.status, reason=None)


@campaigns.post("/campaigns/<uuid:campaign_id>/start", role=AGENT, answer=CampaignInFull, problems=_STEP)
def start_campaign(call: Call, campaign_id: UUID) -> CampaignInFull:
    """Start a draft: now, or when its time comes."""
    campaign = _found(call, campaign_id, lock=True)
    try:
        return _stepped(call, campaign, start)
    except Overdue as error:
        raise Problem(409, "overdue", str(error)) from None


@campaigns.post("/campaigns/<uuid:campaign_id>/pause", role=AGENT, answer=CampaignInFull, problems=_STEP)
def pause_campaign(call: Call, campaign_id: UUID) -> CampaignInFull:
    """Pause it: from now on nothing more goes out."""
    campaign = _found(call, campaign_id, lock=True)
    return _stepped(call, campaign, lambda session, one: move(session, one.id, PAUSED, BY_STAFF))


@campaigns.post("/campaigns/<uuid:campaign_id>/resume", role=AGENT, answer=CampaignInFull, problems=_STEP)
def resume_campaign(call: Call, campaign_id: UUID) -> CampaignInFull:
    """Let a paused one go on."""
    campaign = _found(call, campaign_id, lock=True)
    return _stepped(call, campaign, resume)


@campaigns.post("/campaigns/<uuid:campaign_id>/cancel", role=AGENT, answer=CampaignInFull, problems=_STEP)
def cancel_campaign(call: Call, campaign_id: UUID) -> CampaignInFull:
    """Call it off: who waits gets nothing."""
    campaign = _found(call, campaign_id, lock=True)
    return _stepped(call, campaign, lambda session, one: move(session, one.id, CANCELLED))


@campaigns.get("/campaigns/<uuid:campaign_id>/recipients", role=VIEWER, query=PageQuery, answer=Page[RecipientShown])
def list_recipients(call: Call, campaign_id: UUID, query: PageQuery) -> Page[RecipientShown]:
    """List its recipients, each with what became of them."""
    _found(call, campaign_id)
    return page(call, recipients_of(campaign_id), _IN_ORDER, query, _recipient)


def recipients_of(campaign_id: UUID) -> Any:
    """Return the statement that finds the recipients of a campaign, in which count each is, and why."""
    counted: Any = literal_column(COUNTED).label("counted")
    reason = func.coalesce(_RECIPIENT.c.reason, Message.reason).label("why")
    return (
        select(_RECIPIENT, counted, reason)
        .select_from(_RECIPIENT)
        .join(Campaign, Campaign.id == _RECIPIENT.c.campaign_id)
        .outerjoin(Message, Message.id == _RECIPIENT.c.message_id)
        .where(_RECIPIENT.c.campaign_id == campaign_id)
    )


def _recipient(row: Any) -> RecipientShown:
    return RecipientShown(
        number=row.seq, address=row.address, customer_id=row.customer_id, language=row.language, status=row.counted,
        reason=row.why, message_id=row.message_id, given_at=row.given_at,
    )  # fmt: skip


def _stepped(call: Call, campaign: Campaign, step: Any) -> CampaignInFull:
    try:
        stepped = step(call.session, campaign)
    except IllegalCampaignStep as error:
        raise Problem(409, "illegal_transition", str(error)) from None
    before, after = {"status": stepped.before}, {"status": stepped.after}
    call.record(f"campaign.{stepped.after}", ("campaign", campaign.id), before, after)
    call.session.refresh(campaign)
    return _in_full(call, campaign)


def _write(call: Call, campaign: Campaign, given: Mapping[str, Any], audience: Audience | None) -> None:
    """Write what was given of a draft; what can't be is a problem that names its field."""
    business = call.session.get_one(Business, call.business_id)
    _write_words(call, campaign, given)
    _write_times(campaign, given, business.timezone)
    if audience is not None:
        campaign.audience = _conditions(audience, business.currency)
        campaign.listed = audience.phones is not None
    call.session.add(campaign)
    call.session.flush()
    if audience is not None:
        phones = _addresses(call, audience.phones or [], "audience.phones")
        list_phones(call.session, campaign, phones, excluded=False)
        kept_out = _addresses(call, audience.exclude.phones, "audience.exclude.phones")
        list_phones(call.session, campaign, kept_out, excluded=True)


def _write_words(call: Call, campaign: Campaign, given: Mapping[str, Any]) -> None:
    if given.get("texts"):
        campaign.texts, campaign.template = _without_none(given["texts"]), None
    elif given.get("template"):
        campaign.texts, campaign.template = None, given["template"]
    for name in ("name", "channel", "variables", "media_url"):
        if given.get(name) is not None:
            setattr(campaign, name, given[name])
    if campaign.template:
        _check_template(call, campaign)


def _write_times(campaign: Campaign, given: Mapping[str, Any], timezone: str) -> None:
    if "schedule_at" in given:
        campaign.schedule_at = _instant(given["schedule_at"], timezone)
    if given.get("send_between"):
        hours = given["send_between"]
        campaign.send_from = clock_time(hours.get("from_") or hours["from"])
        campaign.send_until = clock_time(hours["until"])
    if "messages_per_second" in given:
        campaign.messages_per_second = pace_of(given["messages_per_second"])


def _conditions(audience: Audience, currency: str) -> dict[str, Any]:
    given = audience.model_dump(mode="json", exclude=_KEPT_APART, exclude_none=True)
    due = audience.due_over
    if due is not None:
        if not isinstance(due, int) and due.currency != currency:
            raise _bad("audience.due_over", f"amounts are in {currency}")
        given["due_over"] = due if isinstance(due, int) else due.minor
        if not 0 <= given["due_over"] <= 10**15:
            raise _bad("audience.due_over", "this amount can't be meant")
    if audience.exclude.tags:
        given["without_tags"] = audience.exclude.tags
    if audience.exclude.campaigns:
        given["without_campaigns"] = [str(one) for one in audience.exclude.campaigns]
    return given


def _check_template(call: Call, campaign: Campaign) -> None:
    try:
        check_template(call.session, call.business_id, campaign.template or "", campaign.variables or {}, VARIABLES)
    except BadTemplate as error:
        raise _bad("template", str(error)) from None


def _instant(given: Any, timezone: str) -> Any:
    try:
        return None if given is None else instant_of(given, timezone)
    except BadTime as error:
        raise _bad("schedule_at", str(error)) from None


def _addresses(call: Call, phones: list[str], field: str) -> list[str]:
    country = call.session.get_one(Business, call.business_id).country
    try:
        return addresses_of(phones, country)
    except BadPhone as error:
        raise _bad(f"{field}.{error.place}" if field != "to" else field, str(error)) from None


def _phones_in(csv: str) -> list[str]:
    try:
        return phones_in(csv)
    except BadPhone:
        raise _bad("csv", "this is no CSV") from None


def _bad(field: str, detail: str) -> Problem:
    return Problem(422, "invalid", "something in the request is not valid", [FieldProblem(field, "invalid", detail)])


def _not_too_often(call: Call) -> None:
    tests = select(func.count()).where(
        AuditEntry.business_id == call.business_id,
        AuditEntry.actor_id == call.principal.id,
        AuditEntry.action == "campaign.tested",
        AuditEntry.created_at > now() - timedelta(minutes=1),
    )
    # Two at once count each other.
    call.session.execute(
        sql("SELECT pg_advisory_xact_lock(hashtextextended(:who, 0))"), {"who": str(call.principal.id)}
    )
    if (call.session.scalar(tests) or 0) >= _TESTS_A_MINUTE:
        raise Problem(429, "too_many", "five tests a minute are enough", headers={"Retry-After": "60"})


def _found(call: Call, campaign_id: UUID, *, lock: bool = False) -> Campaign:
    statement = select(Campaign).where(Campaign.business_id == call.business_id, Campaign.id == campaign_id)
    found = call.session.scalars(statement.with_for_update(key_share=True) if lock else statement).one_or_none()
    if found is None:
        raise Problem(404, "not_found", "there is no campaign with this id")
    return found


def _draft(call: Call, campaign_id: UUID) -> Campaign:
    campaign = _found(call, campaign_id, lock=True)
    if campaign.status != DRAFT:
        raise Problem(409, "illegal_transition", f"a campaign that is {campaign.status} can't be changed")
    return campaign


def _in_full(call: Call, campaign: Campaign) -> CampaignInFull:
    counts = Counts(**counts_of(call.session, campaign.id))
    may: Any = [to for to, sources in STEPS_TO.items() if campaign.status in sources]
    return CampaignInFull(**_shown(call, campaign), counts=counts, may_become=may)


def _shown(call: Call, campaign: Campaign) -> dict[str, Any]:
    own = {name: getattr(campaign, name) for name in CampaignShown.model_fields if name != "send_between"}
    own["audience"] = _audience_shown(call, campaign)
    hours = {"from": f"{campaign.send_from:%H:%M}", "until": f"{campaign.send_until:%H:%M}"}
    return {**own, "send_between": hours}


def _audience_shown(call: Call, campaign: Campaign) -> dict[str, Any]:
    shown = dict(campaign.audience)
    if "due_over" in shown:
        currency = call.session.get_one(Business, call.business_id).currency
        shown["due_over"] = {"minor": shown["due_over"], "currency": currency}
    exclude = {
        "tags": shown.pop("without_tags", []),
        "campaigns": shown.pop("without_campaigns", []),
        "phones": some_phones(call.session, campaign.id, _SHOWN_PHONES, excluded=True),
    }
    if campaign.listed:
        shown["phones"] = some_phones(call.session, campaign.id, _SHOWN_PHONES, excluded=False)
    return {**shown, **({"exclude": exclude} if any(exclude.values()) else {})}


def _facts(campaign: Campaign) -> dict[str, Any]:
    """Return what the audit log says of a draft."""
    names = ("name", "channel", "texts", "template", "variables", "media_url", "audience", "listed", "schedule_at")
    facts = {name: getattr(campaign, name) for name in names}
    hours = f"{campaign.send_from:%H:%M}-{campaign.send_until:%H:%M}"
    pace = None if campaign.messages_per_second is None else str(campaign.messages_per_second)
    return {**facts, "send_between": hours, "messages_per_second": pace}


def _without_none(texts: Mapping[str, str | None]) -> dict[str, str]:
    return {language: one for language, one in texts.items() if one is not None}
