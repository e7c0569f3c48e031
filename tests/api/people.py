"""The staff of the tests, and how they ask."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Flask
from werkzeug.test import TestResponse

from domain.bearers import ApiKey, digest_of, new_key
from domain.door import Door
from domain.ids import new_id
from domain.passwords import hash_of
from domain.signing_in import give_access
from domain.staff import Staff

API = "/api/v1"
PASSWORD = "a good password"
# Hashed once: Argon2 takes its time.
PASSWORD_HASH = hash_of(PASSWORD)


@dataclass(frozen=True)
class Asker:
    """Somebody, or a machine, who asks the API; nobody without a `bearer`."""

    app: Flask
    bearer: str | None = None
    id: UUID | None = None

    def asks(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Ask, and return the answer."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.bearer:
            given["Authorization"] = f"Bearer {self.bearer}"
        return self.app.test_client().open(API + path, method=method, json=body, headers=given)

    def gets(self, path: str, **query: Any) -> Any:
        """Get something that is there."""
        response = self.app.test_client().get(
            API + path, query_string=query, headers={"Authorization": f"Bearer {self.bearer}"}
        )
        assert response.status_code == 200, response.text
        return response.json


def employed(door: Door, business_id: UUID, role: str, email: str | None = None, password: bool = False) -> Staff:
    """Write somebody of staff into the database."""
    staff = Staff(
        id=new_id(),
        business_id=business_id,
        email=email or f"{role}@noor.example",
        name=f"The {role}",
        role=role,
        language="en",
        password_hash=PASSWORD_HASH if password else None,
    )
    with door.for_business(business_id) as session:
        session.add(staff)
    return staff


def signed_in(app: Flask, business_id: UUID, role: str, email: str | None = None) -> Asker:
    """Return somebody of staff who is signed in."""
    door: Door = app.extensions["raseed"].door
    staff = employed(door, business_id, role, email)
    with door.for_business(business_id) as session:
        token, _ = give_access(session, staff.id, business_id)
    return Asker(app, token, staff.id)


def machine(app: Flask, business_id: UUID, *scopes: str) -> Asker:
    """Return a machine with an API key."""
    door: Door = app.extensions["raseed"].door
    secret, prefix = new_key()
    key = ApiKey(
        id=new_id(),
        business_id=business_id,
        name="billing",
        prefix=prefix,
        digest=digest_of(secret),
        scopes=list(scopes),
    )
    with door.for_business(business_id) as session:
        session.add(key)
    return Asker(app, secret, key.id)
