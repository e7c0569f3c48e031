"""The scopes that an API key may have: the roles, and the single rights of the routes."""

from functools import cache

from domain.staff import ROLES


@cache
def known_scopes() -> tuple[str, ...]:
    """Return every scope there is."""
    from bot.api.book import RESOURCES
    from bot.api.routes import PUBLIC

    rights = {one.scope for resource in RESOURCES for one in resource.operations if one.role != PUBLIC}
    return (*ROLES, *sorted(rights - _FOR_PEOPLE))


# What makes others stronger needs the scope `admin`; signing in and out is for people.
_FOR_PEOPLE = {"api-keys:write", "auth:write", "me:write", "staff:write"}
