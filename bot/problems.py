"""Errors of the web service as problem documents (RFC 9457). Never a traceback."""

import structlog
from flask import Flask, Response, json
from werkzeug.exceptions import HTTPException, InternalServerError

log = structlog.get_logger()


def register_problems(app: Flask) -> None:
    """Answer every error of `app` with a problem document."""
    app.register_error_handler(HTTPException, _problem)
    app.register_error_handler(Exception, _unforeseen)


def _problem(error: HTTPException) -> Response:
    status = error.code or 500
    title = error.name
    document = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": error.description,
        "code": title.lower().replace(" ", "_"),
    }
    return Response(json.dumps(document), status=status, content_type="application/problem+json")


def _unforeseen(error: Exception) -> Response:
    log.error("request failed", exc_info=error)
    return _problem(InternalServerError())
