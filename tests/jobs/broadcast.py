"""Campaigns as tests make and watch them: by the API, with the workers' jobs in between."""

from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import select, text, update

from bot.jobs.campaigns import prepare_all, tend_all
from bot.jobs.events import fold_all
from bot.jobs.outbox import send_all
from bot.jobs.worker_services import WorkerServices
from domain.campaign_counts import AUDIENCE, counts_of
from domain.clock import now
from domain.contacts import Consent, Contact
from domain.conversations import Conversation
from domain.ids import new_id
from domain.senders import Sender
from tests.api.people import signed_in
from tests.noor import Noor

ALWAYS = {"from": "00:00", "until": "23:59"}
TEXTS = {"en": "Hello {name}, 20 % off.", "ar": "مرحباً {name}، خصم ٢٠٪."}
_CROWD = """
WITH person AS (
    INSERT INTO customer (id, created_at, business_id, account_no, name, language, phone, opening_balance_minor,
                          marketing_consent, tags, protected)
    SELECT gen_random_uuid(), now(), :business_id, 'C' || n, 'Customer ' || n,
           CASE n % 2 WHEN 0 THEN 'ar' ELSE 'en' END, '+96652' || lpad(n::text, 7, '0'), 0, true, ARRAY['crowd'], false
    FROM generate_series(1, :people) AS n RETURNING id, phone
), reached AS (
    INSERT INTO contact (id, created_at, business_id, channel, address)
    SELECT gen_random_uuid(), now(), :business_id, channel, phone
    FROM person, unnest(ARRAY['sms', 'whatsapp']) AS channel
    RETURNING id, address
), linked AS (
    INSERT INTO contact_customer (id, created_at, business_id, contact_id, customer_id, source)
    SELECT gen_random_uuid(), now(), :business_id, reached.id, person.id, 'import'
    FROM reached JOIN person ON phone = address
)
INSERT INTO consent (id, created_at, business_id, contact_id, topic, granted, source)
SELECT gen_random_uuid(), now(), :business_id, id, 'marketing', true, 'import' FROM reached
"""


class Broadcast:
    """A company that sends campaigns, at any hour and as fast as can be unless a test says otherwise."""

    def __init__(self, app: Flask, workers: WorkerServices, noor: Noor) -> None:
        self.agent = signed_in(app, noor.business_id, "agent")
        self.workers = workers
        self.business_id = noor.business_id
        with workers.door.for_every_business() as session:
            session.execute(update(Sender).values(messages_per_second=9999))

    def agree(self, *phones: str, granted: bool = True, channels: tuple[str, ...] = ("sms", "whatsapp")) -> None:
        """Let people decide about offers."""
        with self.workers.door.for_every_business() as session:
            found = session.scalars(
                select(Contact.id).where(Contact.address.in_(phones), Contact.channel.in_(channels))
            ).all()
            assert found
            for contact_id in found:
                session.add(
                    Consent(
                        business_id=self.business_id, contact_id=contact_id, topic="marketing", granted=granted,
                        source="conversation",
                    )
                )  # fmt: skip

    def crowd(self, people: int) -> None:
        """Let there be many more customers, who agreed to offers and bear the tag `crowd`."""
        with self.workers.door.for_every_business() as session:
            session.execute(text(_CROWD), {"business_id": self.business_id, "people": people})

    def opt_out(self, phone: str, channel: str) -> None:
        """Let somebody want no messages any more."""
        with self.workers.door.for_every_business() as session:
            contact = select(Contact.id).where(Contact.address == phone, Contact.channel == channel).scalar_subquery()
            known = session.scalar(select(Conversation.id).where(Conversation.contact_id == contact))
            if known is None:
                sender = session.scalars(select(Sender.id).where(Sender.channel == channel)).one()
                contact_id = session.scalar(select(contact))
                known = new_id()
                session.add(
                    Conversation(id=known, business_id=self.business_id, sender_id=sender, contact_id=contact_id)
                )
                session.flush()
            session.execute(update(Conversation).where(Conversation.id == known).values(opted_out_at=now()))

    def make(self, **body: Any) -> str:
        """Make a campaign, by SMS unless `body` says otherwise."""
        given = {"name": "Offer", "channel": "sms", "texts": TEXTS, "send_between": ALWAYS, **body}
        response = self.agent.asks("POST", "/campaigns", given)
        assert response.status_code == 201, response.text
        return str(response.json["id"])

    def step(self, campaign: str, step: str) -> dict[str, Any]:
        """Start, pause, resume or cancel one."""
        response = self.agent.asks("POST", f"/campaigns/{campaign}/{step}")
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json
        return found

    def started(self, **body: Any) -> str:
        """Make a campaign, start it, and let its recipients be written down."""
        campaign = self.make(**body)
        self.step(campaign, "start")
        prepare_all(self.workers)
        return campaign

    def feed(self) -> int:
        """Let it be the turn of the next recipients."""
        return tend_all(self.workers)

    def send(self) -> None:
        """Send all that is in the outbox."""
        assert send_all(self.workers, 20)

    def go_on(self, rounds: int = 50) -> None:
        """Feed and send until nothing moves."""
        for _ in range(rounds):
            fed = self.feed()
            self.send()
            fold_all(self.workers, 20)
            if not fed:
                return

    def shown(self, campaign: str) -> dict[str, Any]:
        """Return a campaign as the API shows it."""
        found: dict[str, Any] = self.agent.gets(f"/campaigns/{campaign}")
        return found

    def counts(self, campaign: str) -> dict[str, int]:
        """Return those counts of a campaign that are not zero, once they were seen to add up."""
        with self.workers.door.for_every_business() as session:
            counts = counts_of(session, UUID(campaign))
        adds_up(counts)
        return {name: number for name, number in counts.items() if number}

    def reasons(self, campaign: str) -> dict[str, str | None]:
        """Return why nothing was said to whom, by phone."""
        items = self.agent.gets(f"/campaigns/{campaign}/recipients", limit=200)["items"]
        return {one["address"]: one["reason"] for one in items}

    def sql(self, statement: str, **values: Any) -> None:
        """Change something underneath."""
        with self.workers.door.for_every_business() as session:
            session.execute(text(statement), values)


def adds_up(counts: dict[str, int]) -> None:
    """Assert that everybody is counted exactly once."""
    assert sum(number for name, number in counts.items() if name != AUDIENCE) == counts[AUDIENCE], counts
