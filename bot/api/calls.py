"""A call of the API: who asks, from where, and the one transaction in which it is answered."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID, uuid4, uuid5

from flask import Request
from pydantic_core import to_jsonable_python
from sqlalchemy.orm import Session

from bot.keys import Keys, keys_of
from bot.services import Services
from domain.audit import Write, Writer, record
from domain.bearers import Principal
from domain.clock import now
from domain.door import Visit
from domain.ids import new_id

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
_LONGEST_AGENT: Final = 300


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from."""

    ip: str
    user_agent: str
    request_id: str

    def as_facts(self) -> dict[str, Any]:
        """Return it as the audit log has it."""
        return {"ip": self.ip, "user_agent": self.user_agent, "request_id": self.request_id}


def origin_of(request: Request, proxies: int) -> Origin:
    """Return where `request` came from. Behind `proxies` proxies the last of them that is ours says from whom."""
    given = request.headers.get("X-Request-ID", "")
    request_id = given if _REQUEST_ID.fullmatch(given) else str(uuid4())
    agent = request.headers.get("User-Agent", "")[:_LONGEST_AGENT].replace("\0", "")
    return Origin(_address(request, proxies), agent, request_id)


def _address(request: Request, proxies: int) -> str:
    forwarded = request.access_route if proxies else []
    if len(forwarded) >= proxies > 0:
        return forwarded[-proxies][:64]
    return request.remote_addr or "unknown"


@dataclass(frozen=True, slots=True)
class Visitor:
    """A call by somebody who need not sign in."""

    services: Services
    origin: Origin

    @property
    def keys(self) -> Keys:
        """The keys of this deployment."""
        return keys_of(self.services.settings)


@dataclass(slots=True)
class Call:
    """A call by staff or by an API key. All that it does in `session` is committed with its answer, or not at all.

    But for what stands before `away`, which is committed before somebody outside is asked.
    """

    services: Services
    origin: Origin
    principal: Principal
    session: Session
    operation: str
    enter_again: Callable[[], Session]
    repeat_key: str | None = None
    was_away: bool = False
    recorded: int = 0
    afterwards: list[Callable[[], None]] = field(default_factory=list)

    @property
    def business_id(self) -> UUID:
        """The business that it acts for."""
        return self.principal.business_id

    @property
    def keys(self) -> Keys:
        """The keys of this deployment."""
        return keys_of(self.services.settings)

    def visit(self) -> Visit:
        """Return the same transaction as the domain's own functions want it."""
        self.session.flush()
        return Visit.within(self.session)

    def record(
        self,
        action: str,
        subject: tuple[str, UUID],
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        """Write into the audit log what this call did. No call that writes may do without."""
        who = self.principal
        writer = Writer(who.business_id, who.kind, who.id, self.origin.as_facts())
        write = Write(action, *subject, to_jsonable_python(before or {}), to_jsonable_python(after or {}))
        self.session.flush()
        record(self.session, self.keys.audit, writer, write)
        self.recorded += 1

    def reference(self) -> UUID:
        """Return a reference for what somebody outside is asked: a new one, but for a request that is made again.

        With the same Idempotency-Key, and on that day, it is the same, so that whoever is asked knows it again.
        """
        return uuid5(self.principal.id, f"{self.repeat_key} {now():%Y-%m-%d}") if self.repeat_key else new_id()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Commit what was done so far, and hold no connection to the database while somebody outside is asked.

        Afterwards the call goes on in another transaction.
        """
        self.session.commit()
        self.was_away = True
        yield
        self.session = self.enter_again()

    def after_commit(self, do: Callable[[], None]) -> None:
        """Do something once all is committed, such as waking a worker."""
        self.afterwards.append(do)
