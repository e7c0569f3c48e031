"""Errors of the web service as problem documents (RFC 9457). Never a traceback."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, json
from werkzeug.exceptions import HTTPException, InternalServerError

from bot.errors import one_line, where
from domain.door import DATABASE_ERRORS, is_outage

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field of what was sent."""

    field: str
    code: str
    detail: str


@dataclass(eq=False)
class Problem(Exception):
    """What was asked can't be done. `code` is for machines, `detail` for people; it names nobody's data."""

    status: int
    code: str
    detail: str
    errors: Sequence[FieldProblem] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


def register_problems(app: Flask) -> None:
    """Answer every error of `app` with a problem document."""
    app.register_error_handler(HTTPException, _problem)
    app.register_error_handler(Problem, problem_answer)
    app.register_error_handler(Exception, _unforeseen)


def problem_answer(problem: Problem) -> Response:
    """Return the document that tells of `problem`."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
    }
    if problem.errors:
        document["errors"] = [{"field": one.field, "code": one.code, "detail": one.detail} for one in problem.errors]
    response = Response(json.dumps(document), status=problem.status, content_type="application/problem+json")
    response.headers.update(problem.headers)
    return response


def _problem(error: HTTPException) -> Response:
    status, title = error.code or 500, error.name
    answer = problem_answer(Problem(status, title.lower().replace(" ", "_"), error.description or title))
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            answer.headers[name] = value
    return answer


def _unforeseen(error: Exception) -> Response:
    if isinstance(error, DATABASE_ERRORS) and is_outage(error):
        log.error("request failed: the database did not do it", error=one_line(error))
        away = "the database can't be reached, or is too busy"
        return problem_answer(Problem(503, "database_away", away, headers={"Retry-After": "5"}))
    log.error("request failed", exc_info=error, where=where(error))
    return _problem(InternalServerError())
