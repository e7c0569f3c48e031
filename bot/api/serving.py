"""How a call is served: who asks is found out, what they bring is read, and all is one transaction."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Final

from flask import Blueprint, Flask, Response, current_app, make_response, request
from pydantic import BaseModel
from sqlalchemy.orm import Session

from bot.api.book import RESOURCES
from bot.api.calls import Call, Origin, Visitor, origin_of
from bot.api.reading import body_of, nothing_in, query_of
from bot.api.repeats import HEADER, Repeat
from bot.api.routes import PUBLIC, Operation
from bot.console.cookies import session_secret
from bot.logs import bound
from bot.problems import Problem
from bot.services import Services, services
from domain.bearers import Principal, enter_as_bearer

PREFIX: Final = "/api/v1"
# A browser can't send a bearer with this: the console's session counts.
_BY_COOKIE: Final = frozenset({"show_events"})
_CHALLENGE: Final = {"WWW-Authenticate": "Bearer"}


class NotRecorded(RuntimeError):
    """A route wrote, and told the audit log nothing of it."""


def register_api(app: Flask) -> None:
    """Add every route of the API to `app`."""
    api = Blueprint("api", __name__, url_prefix=PREFIX)
    for resource in RESOURCES:
        for operation in resource.operations:
            api.add_url_rule(
                operation.path,
                endpoint=operation.name,
                view_func=_view(operation),
                methods=[operation.method],
                provide_automatic_options=False,
            )
    app.register_blueprint(api)


def _view(operation: Operation) -> Callable[..., Response]:
    def view(**path: Any) -> Response:
        origin = origin_of(request, services().settings.proxies)
        with bound(request_id=origin.request_id, operation=operation.name):
            response = _answered(operation, origin, path)
        response.headers["X-Request-ID"] = origin.request_id
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    view.__dict__["operation"] = operation  # by which whoever walks the routes knows them
    return view


def _answered(operation: Operation, origin: Origin, path: dict[str, Any]) -> Response:
    """Serve a call, errors too, while the log still knows which call it is."""
    try:
        return _served(operation, origin, path)
    except Exception as error:  # noqa: BLE001  the edge of a request; the application's own handlers answer it
        return make_response(current_app.handle_user_exception(error))


def _served(operation: Operation, origin: Origin, path: dict[str, Any]) -> Response:
    if operation.largest is not None and (request.content_length or 0) > current_app.config["MAX_CONTENT_LENGTH"]:
        _let_be_long(operation, origin, operation.largest)
    # Read to its end before anything is held: a slow sender keeps no connection of the database waiting.
    raw = request.get_data()
    if operation.role == PUBLIC:
        return _response(operation, operation.view(Visitor(services(), origin), **path, **_read(operation, raw)))
    return _served_to_bearer(operation, origin, path, raw)


def _let_be_long(operation: Operation, origin: Origin, largest: int) -> None:
    """Let a body be longer than others, of who may send it only."""
    with ExitStack() as stack:
        _admitted(operation, services(), origin, stack)
    request.max_content_length = largest


def _served_to_bearer(operation: Operation, origin: Origin, path: dict[str, Any], raw: bytes) -> Response:
    ours = services()
    with ExitStack() as stack:
        call = _admitted(operation, ours, origin, stack)
        repeat = Repeat(call, request, raw) if operation.method == "POST" and HEADER in request.headers else None
        response = repeat.answered() if repeat else None
        if response is not None:
            return response
        response = _response(operation, operation.view(call, **path, **_read(operation, raw)))
        if operation.writes and not call.recorded:
            raise NotRecorded(operation.name)
        if repeat:
            repeat.keep(response)
    for do in call.afterwards:
        do()
    return response


def _admitted(operation: Operation, ours: Services, origin: Origin, stack: ExitStack) -> Call:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if operation.name in _BY_COOKIE and not secret:
        scheme, secret = "bearer", session_secret() or ""
    if scheme.lower() != "bearer" or not secret:
        raise Problem(401, "not_signed_in", "this needs `Authorization: Bearer` with a token or an API key",
                      headers=_CHALLENGE)  # fmt: skip

    def enter() -> tuple[Session, Principal]:
        session = stack.enter_context(ours.door.for_whoever_asks())
        principal = enter_as_bearer(session, secret.strip())
        if principal is None:
            why = "the token or API key is not known, or not good any more"
            raise Problem(401, "invalid_token", why, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
        return session, principal

    session, principal = enter()
    if not principal.may(operation.role, operation.scope):
        need = f"this needs the role {operation.role}, or an API key with the scope {operation.scope}"
        raise Problem(403, "not_allowed", need)
    return Call(ours, origin, principal, session, operation.name, lambda: enter()[0])


def _read(operation: Operation, raw: bytes) -> dict[str, BaseModel]:
    found: dict[str, BaseModel] = {}
    if operation.query is not None:
        found["query"] = query_of(request.args, operation.query)
    else:
        nothing_in(request.args)
    if operation.body is not None:
        found["body"] = body_of(request, raw, operation.body)
    return found


def _response(operation: Operation, answer: Any) -> Response:
    if isinstance(answer, Response):
        return answer
    if operation.answer is None:
        return Response(status=204)
    return Response(answer.model_dump_json(), status=operation.status, content_type="application/json")
