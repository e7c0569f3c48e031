"""API keys: how machines sign in."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field
from sqlalchemy import select

from bot.api.calls import Call
from bot.api.pages import Order, page
from bot.api.routes import Resource
from bot.api.scopes import known_scopes
from bot.api.shapes import Instant, Name, Page, PageQuery, Shape
from bot.problems import FieldProblem, Problem
from domain.bearers import API_KEY, STAFF, ApiKey, digest_of, new_key
from domain.clock import now
from domain.ids import new_id
from domain.staff import ADMIN

api_keys = Resource("api-keys", "API keys: how machines sign in.")

_ORDER = Order((ApiKey.id,), ("id",))


def _known(scope: str) -> str:
    if scope not in known_scopes():
        raise ValueError(f"there is no such scope; there are {', '.join(known_scopes())}")
    return scope


def _with_scopes(schema: dict[str, Any]) -> None:
    schema["items"] = {"enum": list(known_scopes())}


Scope = Annotated[str, Field(max_length=64), AfterValidator(_known)]


class ApiKeyShown(Shape):
    """An API key. `prefix` is its beginning; the rest of it is not known any more."""

    id: UUID
    name: str
    prefix: str
    scopes: list[str]
    created_at: datetime
    created_by: UUID | None
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None


class NewApiKey(Shape):
    """A key to be made. A scope is a role, or a single right such as `messages:read`."""

    name: Name
    scopes: list[Scope] = Field(min_length=1, max_length=50, json_schema_extra=_with_scopes)
    expires_at: Instant | None = Field(None, description="Left out, it is good until it is revoked.")


class MadeApiKey(ApiKeyShown):
    """A key that was just made: `key` is shown now, and never again."""

    key: str


@api_keys.get("/api-keys", role=ADMIN, query=PageQuery, answer=Page[ApiKeyShown])
def list_api_keys(call: Call, query: PageQuery) -> Page[ApiKeyShown]:
    """List the API keys, the newest first; those that were revoked as well."""
    statement = select(ApiKey).where(ApiKey.business_id == call.business_id)
    return page(call, statement, _ORDER, query, lambda row: ApiKeyShown.model_validate(row[0]))


@api_keys.post("/api-keys", role=ADMIN, body=NewApiKey, answer=MadeApiKey, status=201)
def make_api_key(call: Call, body: NewApiKey) -> MadeApiKey:
    """Make an API key. It is shown in this answer only."""
    if body.expires_at is not None and body.expires_at <= now():
        error = FieldProblem("expires_at", "past", "this is past already")
        raise Problem(422, "invalid", "something in the request is not valid", [error])
    secret, prefix = new_key()
    key = ApiKey(
        id=new_id(),
        created_at=now(),
        business_id=call.business_id,
        name=body.name,
        prefix=prefix,
        digest=digest_of(secret),
        scopes=sorted(set(body.scopes)),
        created_by=call.principal.id if call.principal.kind == STAFF else None,
        expires_at=body.expires_at,
    )
    call.session.add(key)
    call.session.flush()
    call.record("api_key.made", (API_KEY, key.id), after=_facts(key))
    return MadeApiKey(key=secret, **ApiKeyShown.model_validate(key).model_dump())


@api_keys.delete("/api-keys/<uuid:key_id>", role=ADMIN)
def revoke_api_key(call: Call, key_id: UUID) -> None:
    """Let an API key be good no more. It stays in the list."""
    statement = select(ApiKey).where(ApiKey.business_id == call.business_id, ApiKey.id == key_id)
    key = call.session.scalars(statement.with_for_update()).one_or_none()
    if key is None:
        raise Problem(404, "not_found", "there is no API key with this id")
    before = _facts(key)
    key.revoked_at = key.revoked_at or now()
    call.record("api_key.revoked", (API_KEY, key.id), before, _facts(key))


def _facts(key: ApiKey) -> dict[str, Any]:
    return {
        "label": key.name,
        "prefix": key.prefix,
        "scopes": key.scopes,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
    }
