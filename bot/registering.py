"""Registers at Twilio what messages carry: shapes for buttons and lists, and templates for WhatsApp to approve."""

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.channels.approved import Pattern, patterns
from bot.channels.contents import Shape, shapes
from bot.channels.twilio_accounts import Account, Accounts
from bot.channels.twilio_client import Twilio
from bot.services import Services
from domain.clock import now
from domain.contents import Content
from domain.ids import new_id
from domain.senders import WHATSAPP, Sender
from domain.templates import Version, add_version, remember_status, versions_at


class Registrar:
    """Registers for one account, and writes it down for the businesses that have WhatsApp senders there.

    Everything may be done twice, and be broken off anywhere. All raises TwilioException or a requests error.
    """

    def __init__(self, services: Services, account: Account, businesses: list[UUID]) -> None:
        self._services = services
        self._account = account
        self._businesses = businesses
        self._twilio = Twilio(account, services.settings.twilio_api_base_url)
        self._there = self._twilio.contents()

    @property
    def account_sid(self) -> str:
        """The account's SID."""
        return self._account.sid

    def everything(self) -> list[Shape | Pattern]:
        """Return all that is to be registered."""
        return [*shapes(), *patterns()]

    def register(self, one: Shape | Pattern) -> bool:
        """Register a shape or a template. False: it was there."""
        return self._shape(one) if isinstance(one, Shape) else self._template(one)

    def refresh(self) -> list[Version]:
        """Ask what became of every version's approval, and return all of them as they are now."""
        for version in self._versions():
            status, reason = self._twilio.approval_of(version.content_sid)
            with self._services.door.for_every_business() as session:
                remember_status(session, version, status, reason)
        return self._versions()

    def _versions(self) -> list[Version]:
        with self._services.door.for_every_business() as session:
            return versions_at(session, self._account.sid)

    def _shape(self, shape: Shape) -> bool:
        sid, made = self._content(shape.friendly_name, shape)
        with self._services.door.for_every_business() as session:
            _remember(session, self._account, self._businesses, shape, sid)
        return made

    def _template(self, pattern: Pattern) -> bool:
        known = [one for one in self._versions() if (one.name, one.language) == (pattern.name, pattern.language)]
        newest = known[-1] if known else None
        if newest is not None and newest.body == pattern.body:
            self._add(pattern, newest.version, newest.content_sid, newest.status)
            return False
        version = newest.version + 1 if newest else 1
        name = pattern.friendly_name(version)
        sid, made = self._content(name, pattern)
        status, _ = self._twilio.approval_of(sid)
        if status == "unsubmitted":
            self._twilio.submit(sid, name, pattern.category)
        self._add(pattern, version, sid, status)
        return made

    def _add(self, pattern: Pattern, version: int, sid: str, status: str) -> None:
        row = {
            "account_sid": self._account.sid,
            "name": pattern.name,
            "language": pattern.language,
            "version": version,
            "category": pattern.category,
            "body": pattern.body,
            "variables": list(pattern.variables),
            "content_sid": sid,
            "status": status,
        }
        with self._services.door.for_every_business() as session:
            add_version(session, self._businesses, row)

    def _content(self, name: str, one: Shape | Pattern) -> tuple[str, bool]:
        sid = self._there.get(name)
        if sid is not None:
            return sid, False
        sid = self._there[name] = self._twilio.register(name, one.language, one.types, one.samples)
        return sid, True


def registrars(services: Services) -> Iterator[Registrar]:
    """Yield a registrar for every account that has WhatsApp senders. Raises AccountNotSet."""
    with services.door.for_every_business() as session:
        wanted = _accounts(services.accounts, session)
    for account, businesses in wanted.items():
        yield Registrar(services, account, businesses)


class AccountNotSet(Exception):
    """The environment variables of a sender's account are not set."""


def _accounts(accounts: Accounts, session: Session) -> dict[Account, list[UUID]]:
    found: dict[Account, list[UUID]] = {}
    for sender in session.scalars(select(Sender).where(Sender.channel == WHATSAPP)):
        account = accounts.of_sender(sender.account_sid_var, sender.auth_token_var)
        if account is None:
            raise AccountNotSet(f"{sender.address}: {sender.account_sid_var} or {sender.auth_token_var} is not set")
        if sender.business_id not in found.setdefault(account, []):
            found[account].append(sender.business_id)
    return found


def _remember(session: Session, account: Account, businesses: list[UUID], shape: Shape, sid: str) -> None:
    statement = insert(Content).on_conflict_do_update(
        index_elements=["business_id", "account_sid", "name", "language"], set_={"content_sid": sid}
    )
    rows = [
        {
            "id": new_id(),
            "created_at": now(),
            "business_id": business_id,
            "account_sid": account.sid,
            "name": shape.name,
            "language": shape.language,
            "content_sid": sid,
        }
        for business_id in businesses
    ]
    session.execute(statement, rows)
