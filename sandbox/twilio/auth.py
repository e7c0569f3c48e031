"""Who calls: the account of the Basic credentials."""

import functools
from collections.abc import Callable

from flask import Response, g, request

from sandbox.twilio.errors import ApiError
from sandbox.twilio.world import World

View = Callable[..., Response]


def caller_account(world: World) -> str:
    """The account that authenticated; raises 20003."""
    given = request.authorization
    account = world.directory.account((given.username or "") if given else "")
    if account is None or given is None or given.password != account.token:
        raise ApiError(20003)
    return account.sid


def in_path(world: World, view: View) -> View:
    """For paths that name the account; raises 20404 when it is another than the caller's."""

    @functools.wraps(view)
    def checked(account_sid: str, **parts: str) -> Response:
        g.kind = view.__name__
        if caller_account(world) != account_sid:
            raise ApiError(20404, f"The requested resource {request.path} was not found")
        return view(account_sid, **parts)

    return checked


def signed_in(world: World, view: View) -> View:
    """For paths that don't: the view is given the caller's account."""

    @functools.wraps(view)
    def checked(**parts: str) -> Response:
        g.kind = view.__name__
        return view(caller_account(world), **parts)

    return checked
