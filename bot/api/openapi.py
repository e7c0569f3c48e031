"""The OpenAPI document (3.1), made from the declared routes and from the models that they read and write."""

import re
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Any, Final, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from bot.api.reading import needs_nothing
from bot.api.repeats import HEADER, KEY_PATTERN
from bot.api.routes import PUBLIC, Operation, Resource
from bot.api.shapes import ProblemShown

_REF: Final = "#/components/schemas/{model}"
_PATH_PARAMETER: Final = re.compile(r"<(?:(uuid):)?(\w+)>")
_ABOUT: Final = (
    "What staff and their systems may ask. All of it is of one business: the one that the token or key is of. "
    "Errors are problem documents (RFC 9457)."
)
# What any route may say, beside what it says of its own.
_WHY: Final = {
    400: "The body is not JSON, or a header is not what it may be.",
    401: "Nobody is signed in, or not any more.",
    403: "Whoever asks may not do this.",
    404: "There is no such thing, or it is another business's.",
    409: "A request with this Idempotency-Key is being answered.",
    413: "The body is too large.",
    415: "The body is not application/json.",
    422: "Something in the request is not valid, or the Idempotency-Key was used for another.",
    503: "The database can't be reached, or is too busy.",
}

_Mode = Literal["validation", "serialization"]


def openapi(resources: Sequence[Resource]) -> dict[str, Any]:
    """Return the document."""
    operations = [one for resource in resources for one in resource.operations]
    names, schemas = _schemas(operations)
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        paths.setdefault(_PATH_PARAMETER.sub(r"{\2}", one.path), {})[one.method.lower()] = _operation(one, names)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Raseed", "version": version("raseed"), "description": _ABOUT},
        "servers": [{"url": "/api/v1"}],
        "tags": [{"name": one.name, "description": one.about} for one in resources if one.operations],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


_Names = dict[Any, Any]


def _schemas(operations: Sequence[Operation]) -> tuple[_Names, dict[str, Any]]:
    """Return where each model is told of, and what is told."""
    wanted: dict[tuple[type[BaseModel], _Mode], None] = {(ProblemShown, "serialization"): None}
    for one in operations:
        if one.body is not None:
            wanted[(one.body, "validation")] = None
        if one.answer is not None:
            wanted[(one.answer, "serialization")] = None
    names, definitions = models_json_schema(list(wanted), ref_template=_REF)
    return dict(names), definitions.get("$defs", {})


def _operation(one: Operation, names: _Names) -> dict[str, Any]:
    summary, _, more = (one.view.__doc__ or "").partition("\n")
    told: dict[str, Any] = {
        "operationId": one.name,
        "tags": [one.resource],
        "summary": summary.strip(),
        "responses": dict(_responses(one, names)),
    }
    description = " ".join(more.split())
    needs = f"Needs the role `{one.role}`, or the scope `{one.scope}`." if one.role != PUBLIC else ""
    if description or needs:
        told["description"] = f"{description} {needs}".strip()
    if parameters := list(_parameters(one)):
        told["parameters"] = parameters
    if one.body is not None:
        content = {"application/json": {"schema": names[(one.body, "validation")]}}
        told["requestBody"] = {"required": not needs_nothing(one.body), "content": content}
    if one.role != PUBLIC:
        told["security"] = [{"bearer": []}]
    return told


def _responses(one: Operation, names: _Names) -> Iterator[tuple[str, Any]]:
    content: dict[str, Any]
    if one.answer is None and one.also is not None:
        content = {one.also: {"schema": {"type": "string", "format": "binary"}}}
        yield str(one.status), {"description": "The file.", "content": content}
    elif one.answer is None:
        yield str(one.status), {"description": "Done."}
    else:
        content = {"application/json": {"schema": names[(one.answer, "serialization")]}}
        if one.also is not None:
            content[one.also] = {"schema": {"type": "string"}}
        yield str(one.status), {"description": (one.answer.__doc__ or "").split("\n")[0], "content": content}
    problem = {"application/problem+json": {"schema": names[(ProblemShown, "serialization")]}}
    for status in sorted({*_statuses(one), *one.problems}):
        yield str(status), {"description": one.problems.get(status, _WHY.get(status, "")), "content": problem}


def _statuses(one: Operation) -> Iterator[int]:
    """Yield the statuses of all the problems that a route like this may have."""
    yield from (422, 503)
    if one.role != PUBLIC:
        yield from (401, 403)
    if "<" in one.path:
        yield 404
    if one.writes:
        yield 413
    if one.body is not None:
        yield from (400, 415)
    if one.method == "POST" and one.role != PUBLIC:
        yield from (400, 409)


def _parameters(one: Operation) -> Iterator[dict[str, Any]]:
    for kind, name in _PATH_PARAMETER.findall(one.path):
        schema = {"type": "string"} | ({"format": kind} if kind else {})
        yield {"name": name, "in": "path", "required": True, "schema": schema}
    if one.query is not None:
        yield from _query_parameters(one.query)
    if one.method == "POST" and one.role != PUBLIC:
        about = "Kept for 24 hours: the same request with the same key is answered the same, and done once."
        schema = {"type": "string", "pattern": f"^{KEY_PATTERN}$"}
        yield {"name": HEADER, "in": "header", "required": False, "description": about, "schema": schema}


def _query_parameters(model: type[BaseModel]) -> Iterator[dict[str, Any]]:
    described = model.model_json_schema(ref_template=_REF)
    for name, schema in described["properties"].items():
        given = _without_null(schema)
        about = given.pop("description", None)
        parameter = {"name": name, "in": "query", "required": name in described.get("required", ()), "schema": given}
        yield parameter | ({"description": about} if about else {})


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter, of which null is what it is when it isn't given."""
    kept = {name: value for name, value in schema.items() if name not in {"anyOf", "default", "title"}}
    if "anyOf" in schema:
        kept |= next(one for one in schema["anyOf"] if one.get("type") != "null")
    elif schema.get("default") is not None:
        kept["default"] = schema["default"]
    return kept
