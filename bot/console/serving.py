"""How the console is served: who asks is found out by the cookie, and what comes of it is a page, whatever it is."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, Final

from flask import Blueprint, Flask, Response, current_app, make_response, request, send_from_directory
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from bot.api.calls import Call, Origin, Visitor, origin_of
from bot.api.reading import validated
from bot.api.serving import NotRecorded
from bot.console import cookies
from bot.console.book import forms, page_named, pages
from bot.console.links import ROOT, base, going_to, is_ours, link_to
from bot.console.readers import Filled, Guest, Reader
from bot.console.rendering import HEADERS, STATIC, policy, rendered, sorry
from bot.console.sections import Form, Page, is_public
from bot.console.words import Words
from bot.logs import bound
from bot.problems import Problem
from bot.services import services
from domain.bearers import STAFF, Principal, enter_as_bearer
from domain.businesses import Business
from locales.catalogue import LANGUAGES

# What is wrong with what somebody filled in is said beside it; all else has a page of its own.
_SAID_BESIDE: Final = frozenset({401, 409, 422, 429})
_FOR_EVER: Final = 365 * 24 * 3600
Serve = Callable[[Origin, dict[str, Any]], Response]


class NotSignedIn(Exception):
    """Nobody is signed in, or not any more."""


def register_console(app: Flask) -> None:
    """Add every page of the console to `app`, and every form."""
    console = Blueprint("console", __name__)
    for page in pages():
        _add(console, page.path, page.name, "GET", _serving(page.name, _page(page)), page)
    for form in forms():
        _add(console, form.path, form.name, "POST", _serving(form.name, _form(form)), form)
    language = _serving("choose_language", _choose_language)
    console.add_url_rule(f"{ROOT}/language/<language>", endpoint="choose_language", view_func=language)
    console.add_url_rule(f"{ROOT}/static/<digest>/<name>", view_func=_file, methods=["GET"])
    # Whatever else there is not is said as a page, too.
    for number, path in enumerate((f"{ROOT}/", f"{ROOT}/<path:nowhere>")):
        console.add_url_rule(path, endpoint=f"nowhere_{number}", view_func=_serving("nowhere", _nowhere))
    app.register_blueprint(console)


def _add(console: Blueprint, path: str, name: str, method: str, view: Any, declared: Page | Form) -> None:
    view.__dict__["declared"] = declared  # by which whoever walks the pages knows them
    console.add_url_rule(ROOT + path, endpoint=name, view_func=view, methods=[method], provide_automatic_options=False)


def _serving(name: str, serve: Serve) -> Callable[..., Response]:
    def view(**path: Any) -> Response:
        origin = origin_of(request, services().settings.proxies)
        with bound(request_id=origin.request_id, operation=f"console.{name}"):
            response = _answered(serve, origin, path)
        for header, value in {
            **HEADERS,
            "Content-Security-Policy": policy(),
            "Cache-Control": "no-store",
            "X-Request-ID": origin.request_id,
        }.items():
            response.headers.setdefault(header, value)
        cookies.remember_visit(response)
        return response

    return view


def _answered(serve: Serve, origin: Origin, path: dict[str, Any]) -> Response:
    try:
        return serve(origin, path)
    except NotSignedIn:
        wanted = base() + request.full_path.removeprefix(ROOT).rstrip("?") if request.method == "GET" else ""
        return going_to(link_to(page_named("sign_in_page").path, query={"next": wanted}))
    except Exception as error:  # noqa: BLE001  the edge of a request; the application's own handlers know what it is
        known = make_response(current_app.handle_user_exception(error))
        page = sorry(known.status_code, cookies.preferred_language())
        if "Retry-After" in known.headers:
            page.headers["Retry-After"] = known.headers["Retry-After"]
        return page


def _page(page: Page) -> Serve:
    return lambda origin, path: _shown(page, origin, path, None)


def _form(form: Form) -> Serve:
    def serve(origin: Origin, path: dict[str, Any]) -> Response:
        if form.operation.largest is not None:
            _let_be_long(form, origin, form.operation.largest)
        cookies.check_seal()
        try:
            return _done(form, origin, path)
        except Problem as problem:
            if problem.status not in _SAID_BESIDE:
                raise
            again = _shown(form.on, origin, path, Filled(request.form, problem))
            again.headers.update(problem.headers)
            return again

    return serve


def _let_be_long(form: Form, origin: Origin, largest: int) -> None:
    """Let what is filled in be longer than elsewhere, of who is signed in and may do it."""
    with ExitStack() as stack:
        reader = _admitted(form.name, origin, stack, None)
        if reader.may(form.operation.view):
            request.max_content_length = largest


def _shown(page: Page, origin: Origin, path: dict[str, Any], form: Filled | None) -> Response:
    if is_public(page.role):
        guest = _guest(origin, form)
        return _made(page, guest, page.view(guest, **path))
    with ExitStack() as stack:
        reader = _admitted(page.name, origin, stack, form)
        if not reader.call.principal.may(page.role, ""):
            raise Problem(403, "not_allowed", f"this needs the role {page.role}")
        return _made(page, reader, page.view(reader, **path))


def _made(page: Page, reader: Reader | Guest, found: Response | Mapping[str, Any]) -> Response:
    return found if isinstance(found, Response) else rendered(page, reader, found)


def _done(form: Form, origin: Origin, path: dict[str, Any]) -> Response:
    if is_public(form.operation.role):
        guest = _guest(origin, None)
        return _finished(form, guest, guest.ask(form.operation.view, **path, **_body(form, guest)), path)
    with ExitStack() as stack:
        reader = _admitted(form.name, origin, stack, None)
        answer = reader.ask(form.operation.view, **path, **_body(form, reader))
        if not reader.call.recorded:
            raise NotRecorded(form.name)
        response = _finished(form, reader, answer, path)
    for do in reader.call.afterwards:
        do()
    return response


def _finished(form: Form, reader: Reader | Guest, answer: Any, path: dict[str, Any]) -> Response:
    if isinstance(form.finish, str):
        return rendered(replace(form.on, template=form.finish), reader, {"answer": answer})
    if form.finish is not None:
        return form.finish(reader, answer, path)
    return going_to(link_to(page_named(form.then).path, path, {"done": form.done}))


def _body(form: Form, reader: Reader | Guest) -> dict[str, Any]:
    """Return what was filled in, as the operation wants it. What was left empty was not given."""
    model = form.operation.body
    if model is None:
        return {}
    if form.read is not None:
        return {"body": validated(model, form.read(reader, request.form))}
    names = {field.alias or name for name, field in model.model_fields.items()}
    given = {name: value for name, value in request.form.items() if name in names and value.strip()}
    return {"body": validated(model, given)}


def _admitted(name: str, origin: Origin, stack: ExitStack, form: Filled | None) -> Reader:
    """Let whoever is signed in come in. An API key is no one who reads pages. Raises NotSignedIn."""
    secret = cookies.session_secret()

    def enter() -> tuple[Session, Principal]:
        session = stack.enter_context(services().door.for_whoever_asks())
        principal = enter_as_bearer(session, secret) if secret else None
        if principal is None or principal.kind != STAFF:
            raise NotSignedIn
        return session, principal

    session, principal = enter()
    call = Call(services(), origin, principal, session, f"console.{name}", lambda: enter()[0])
    business = session.get_one(Business, principal.business_id)
    language = cookies.chosen_language() or principal.language or business.language
    return Reader(call, business, Words(language, business.timezone), form)


def _guest(origin: Origin, form: Filled | None) -> Guest:
    return Guest(Visitor(services(), origin), Words(cookies.preferred_language()), form)


def _choose_language(_: Origin, path: dict[str, Any]) -> Response:
    """Keep the language, and go back to where it was chosen."""
    back = request.args.get("back", "")
    response = going_to(back if is_ours(back) else base())
    if path["language"] in LANGUAGES:
        cookies.remember_language(response, path["language"])
    return response


def _file(digest: str, name: str) -> Response:  # noqa: ARG001  it only makes the address another one with each change
    """Give a file that pages load."""
    response = send_from_directory(STATIC, name, max_age=_FOR_EVER)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _nowhere(_: Origin, path: dict[str, Any]) -> Response:
    if not path:
        return going_to(base(), 308)
    raise NotFound
