"""What a request brings, read and validated; what is wrong with it is a problem that names each field."""

import json
from collections.abc import Iterator
from typing import Any, TypeVar

from flask import Request
from pydantic import BaseModel, ValidationError
from werkzeug.datastructures import MultiDict

from bot.problems import FieldProblem, Problem

Model = TypeVar("Model", bound=BaseModel)


def body_of(request: Request, raw: bytes, model: type[Model]) -> Model:
    """Return the body as `model`. Where all of it may be left out, so may the body."""
    if not raw and needs_nothing(model):
        return validated(model, {})
    if request.mimetype != "application/json":
        raise Problem(415, "unsupported_media_type", "the body must be application/json")
    try:
        given = json.loads(raw, parse_constant=_refused)
    except (ValueError, RecursionError):
        raise Problem(400, "not_json", "the body is not JSON") from None
    if not isinstance(given, dict):
        raise Problem(422, "invalid", "the body must be a JSON object")
    return validated(model, given)


def needs_nothing(model: type[BaseModel]) -> bool:
    """Tell whether a body may be left out: nothing in it has to be there."""
    return not any(field.is_required() for field in model.model_fields.values())


def query_of(arguments: "MultiDict[str, str]", model: type[Model]) -> Model:
    """Return the query as `model`."""
    twice = [name for name, values in arguments.lists() if len(values) > 1]
    if twice:
        raise _invalid([FieldProblem(name, "given_twice", "this is given more than once") for name in twice])
    return validated(model, arguments.to_dict())


def nothing_in(arguments: "MultiDict[str, str]") -> None:
    """Refuse a query where none is read: whoever gave it believes that it does something."""
    if arguments:
        raise _invalid([FieldProblem(name, "extra_forbidden", "there is no such parameter") for name in arguments])


def validated(model: type[Model], given: dict[str, Any]) -> Model:
    """Return what was given as `model`. What is wrong with it is a problem that names each field."""
    bad = list(_unkept(given, ""))
    if bad:
        raise _invalid([FieldProblem(name, "bad_characters", "it holds characters that can't be kept") for name in bad])
    try:
        return model.model_validate(given)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise _invalid([_field_problem(one["loc"], one["type"], one["msg"]) for one in found]) from None


def _field_problem(loc: tuple[int | str, ...], code: str, detail: str) -> FieldProblem:
    return FieldProblem(".".join(map(str, loc)), code, detail.removeprefix("Value error, "))


def _invalid(errors: list[FieldProblem]) -> Problem:
    return Problem(422, "invalid", "something in the request is not valid", errors[:100])


def _unkept(value: Any, path: str) -> Iterator[str]:
    """Yield where there are characters that the database can't keep: zeros, and halves of pairs."""
    if isinstance(value, str):
        if "\0" in value or not _can_be_written(value):
            yield path
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _unkept(str(name), path or "body")
            yield from _unkept(inner, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _unkept(inner, f"{path}.{place}")


def _can_be_written(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")
