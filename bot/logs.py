"""Logs: a sentence for people and the same facts as fields; never a whole telephone number, never what was said."""

import logging
import re
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog

_NUMBER = re.compile(r"\+?\d{7,}")
_ID_FIELDS = frozenset({"message_id", "conversation_id", "provider_sid", "reference", "timestamp"})


def configure_logs(level: str, form: str) -> None:
    """Send all logs to standard error, as JSON lines or, with form `console`, for people."""
    renderer: Any = structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    if form == "console":
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide_numbers,
    ]
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    _configure_libraries(level, [*shared, structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer])


def hide_numbers(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Leave of every telephone number in `event` the last three digits."""
    for name, value in event.items():
        if name not in _ID_FIELDS and isinstance(value, str):
            event[name] = _NUMBER.sub(lambda found: f"…{found[0][-3:]}", value)
    return event


@contextmanager
def bound(**fields: object) -> Iterator[None]:
    """Give every line logged within the block these fields."""
    with structlog.contextvars.bound_contextvars(**{name: str(value) for name, value in fields.items()}):
        yield


def _configure_libraries(level: str, processors: list[Any]) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=processors))
    logging.basicConfig(handlers=[handler], level=level, force=True)
    # These say at INFO what nobody needs, telephone numbers included.
    for name in ("twilio.http_client", "transitions.core", "rq", "rq.worker", "urllib3", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # What it says of a connection that breaks, whoever asked says better.
    logging.getLogger("psycopg").setLevel(logging.CRITICAL)
