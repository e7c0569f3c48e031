"""Identifiers: UUIDs that sort by the time of their making (RFC 9562, version 7)."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """Return a new identifier, greater than every one that this process made before."""
    return uuid7()
