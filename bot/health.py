"""What the platform asks: alive, able to serve, and how it goes."""

from flask import Blueprint, Response, jsonify
from redis import RedisError
from sqlalchemy.exc import SQLAlchemyError

from bot.metrics import exposition
from bot.schema import schema_is_current
from bot.services import Services, services

health = Blueprint("health", __name__)


@health.get("/healthz")
def alive() -> Response:
    """Say that the process answers."""
    return jsonify(status="ok")


@health.get("/readyz")
def ready() -> tuple[Response, int]:
    """Say whether we can serve: the database answers, with the schema that the code wants.

    Redis is reported and fails nothing: without it work is found by looking.
    """
    database, redis = _database(services()), _redis(services())
    status = "ok" if database == "ok" else "unavailable"
    return jsonify(status=status, database=database, redis=redis), 200 if status == "ok" else 503


@health.get("/metrics")
def metrics() -> Response:
    """Tell Prometheus."""
    return Response(exposition(services().door), content_type="text/plain; version=0.0.4; charset=utf-8")


def _database(of: Services) -> str:
    try:
        return "ok" if schema_is_current(of.door.engine) else "migrations are missing"
    except SQLAlchemyError:
        return "away"


def _redis(of: Services) -> str:
    try:
        of.redis.ping()
    except RedisError:
        return "away"
    return "ok"
