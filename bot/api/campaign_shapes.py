"""What the bodies about campaigns look like."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from bot.api.senders import Pace
from bot.api.shapes import Instant, Money, Name, PageQuery, Shape
from bot.campaign_texts import VARIABLES, unknown_variables

Status = Literal["draft", "scheduled", "running", "paused", "finished", "cancelled"]
Counted = Literal[
    "waiting", "skipped", "queued", "in_doubt", "sent", "delivered", "read", "undelivered", "failed", "cancelled"
]
Language = Literal["ar", "en"]
Words = Annotated[str, StringConstraints(min_length=1, max_length=1600)]
Tag = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Phone = Annotated[str, StringConstraints(min_length=1, max_length=40)]
Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["09:00"])]
MOST_PHONES = 10_000


class Texts(Shape):
    """The text in each language; who reads the other one gets the one that there is."""

    en: Words | None = None
    ar: Words | None = None

    @model_validator(mode="after")
    def _some(self) -> "Texts":
        if self.en is None and self.ar is None:
            raise ValueError("there is no text")
        return self


class SendBetween(Shape):
    """The hours in which anything goes out, by the clock of the business. The rest waits for the next morning."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    from_: Clock = Field(alias="from")
    until: Clock

    @model_validator(mode="after")
    def _in_order(self) -> "SendBetween":
        if self.from_ >= self.until:
            raise ValueError("it ends before it begins")
        return self


class Excluded(Shape):
    """Who is not in the audience, whatever else holds: with any of these tags or phones, or reached by a campaign."""

    tags: list[Tag] = Field(default=[], max_length=50)
    phones: list[Phone] = Field(default=[], max_length=MOST_PHONES)
    campaigns: list[UUID] = Field(default=[], max_length=50)


class Audience(Shape):
    """Whom it is for. All that is given must hold; nothing given is everybody.

    `tags`: has all of them. `language`: reads it. `channel`: is reached there. `phones`: is one of them. `due_over`:
    owes more than that (a number is minor units). `overdue`: something is past its due date, or nothing is.
    `heard_since`, `silent_since`: has, or has not, written to us since.
    """

    tags: list[Tag] | None = Field(default=None, max_length=50)
    language: Language | None = None
    channel: Literal["whatsapp", "sms"] | None = None
    phones: list[Phone] | None = Field(default=None, max_length=MOST_PHONES)
    due_over: Money | Annotated[int, Field(ge=0, le=10**15)] | None = None
    overdue: bool | None = None
    subscription_status: Literal["pending", "active", "paused", "stopped", "expired", "cancelled"] | None = None
    meter_kind: Literal["prepaid", "postpaid"] | None = None
    meter_network: Literal["sts", "acrel", "manual"] | None = None
    heard_since: Instant | None = None
    silent_since: Instant | None = None
    exclude: Excluded = Excluded()


class _Said(Shape):
    channel: Literal["auto", "whatsapp", "sms"] = "auto"
    texts: Texts | None = None
    template: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    variables: dict[str, Words] = Field(default={}, max_length=50)
    media_url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$", max_length=1000)] | None = None
    audience: Audience = Audience()
    schedule_at: datetime | None = Field(default=None, description="Without an offset: by the clock of the business.")
    send_between: SendBetween = SendBetween.model_validate({"from": "09:00", "until": "19:00"})
    messages_per_second: float | None = Field(default=None, ge=0.001, le=10_000, allow_inf_nan=False)

    @model_validator(mode="after")
    def _variables_known(self) -> "_Said":
        said = [*(self.texts.model_dump().values() if self.texts else ()), *self.variables.values()]
        unknown = sorted({name for one in said if one for name in unknown_variables(one)})
        if unknown:
            known = ", ".join(f"{{{name}}}" for name in VARIABLES)
            raise ValueError(f"unknown variable {{{unknown[0][:40]}}}; there are {known}")
        return self


class CampaignNew(_Said):
    """A campaign to be made: it says `texts`, or the approved `template` with `variables`."""

    name: Name

    @model_validator(mode="after")
    def _says_something(self) -> "CampaignNew":
        if (self.texts is None) == (self.template is None):
            raise ValueError("give either texts or a template")
        return self


class CampaignChange(_Said):
    """What is to change of a draft; what is left out stays."""

    name: Name | None = None


class PhonesMore(Shape):
    """More phones for the list of a draft: as a list, or as CSV with a phone first in each line."""

    phones: list[Phone] = Field(default=[], max_length=MOST_PHONES)
    csv: str = Field(default="", max_length=250_000)
    exclude: bool = False


class PhonesCounted(Shape):
    """How many phones the list has now."""

    phones: int
    excluded: int


class TestTo(Shape):
    """Where a test goes, and in which language."""

    to: Phone
    language: Language


class TestSent(Shape):
    """The test's message."""

    id: UUID
    status: str
    reason: str | None


class CampaignShown(Shape):
    """A campaign. `reason` is why it is paused; of the phones in its audience at most 100 are shown."""

    id: UUID
    name: str
    status: Status
    reason: str | None
    channel: str
    texts: dict[str, str] | None
    template: str | None
    variables: dict[str, str]
    media_url: str | None
    audience: dict[str, Any]
    schedule_at: datetime | None
    send_between: SendBetween
    messages_per_second: Pace | None
    created_at: datetime
    started_at: datetime | None
    prepared_at: datetime | None
    ended_at: datetime | None


class Counts(Shape):
    """Each recipient is in exactly one of them: all but `audience` add up to it."""

    audience: int
    waiting: int
    skipped: int
    queued: int
    in_doubt: int
    sent: int
    delivered: int
    read: int
    undelivered: int
    failed: int
    cancelled: int


class CampaignInFull(CampaignShown):
    """A campaign, how it stands, and the states that it may go to now."""

    counts: Counts
    may_become: list[Status]


class CampaignQuery(PageQuery):
    """Which campaigns."""

    status: Status | None = None


class RecipientShown(Shape):
    """A recipient: in which of the counts, and why where nothing was said or it failed."""

    number: int
    address: str | None
    customer_id: UUID | None
    language: str
    status: Counted
    reason: str | None
    message_id: UUID | None
    given_at: datetime | None


class Segments(Shape):
    """What goes by SMS, reckoned from the samples: segments of one message, and of all."""

    least: int
    most: int
    estimated: int


class Rendered(Shape):
    """What somebody would get."""

    address: str
    channel: str
    text: str
    segments: int | None
    template: bool


class Preview(Shape):
    """How many are in the audience and may be written to, why the others may not, and what some would get."""

    audience: int
    sendable: int
    skipped: dict[str, int]
    segments: Segments | None
    samples: dict[Language, list[Rendered]]
