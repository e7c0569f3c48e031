"""What a process of the service works with, made once from its settings."""

from dataclasses import dataclass

from flask import current_app
from redis import Redis

from bot.channels.twilio_accounts import Accounts
from bot.jobs.bell import Bell
from bot.settings import Settings
from domain import clock, codes
from domain.door import Door, service_engine

# Redis only wakes people up, so nobody waits long for it.
_REDIS_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Services:
    """The settings, and the doors to the database, to Redis and to Twilio's accounts."""

    settings: Settings
    door: Door
    redis: Redis
    bell: Bell
    accounts: Accounts

    def close(self) -> None:
        """Let go of everything that was connected to."""
        self.bell.close()
        self.redis.close()
        self.door.engine.dispose()


def make_services(settings: Settings, *, pool_size: int = 5) -> Services:
    """Make them. Nothing is connected to before it is used."""
    clock.use_file(settings.raseed_clock_file)
    codes.use_secret(settings.secret_key.get_secret_value())
    door = Door(service_engine(settings.database_url.get_secret_value(), pool_size))
    redis = Redis.from_url(
        settings.redis_url.get_secret_value(),
        socket_timeout=_REDIS_SECONDS,
        socket_connect_timeout=_REDIS_SECONDS,
    )
    return Services(settings, door, redis, Bell(redis), Accounts(settings, door))


def services() -> Services:
    """Return the services of the application that handles this request."""
    found: Services = current_app.extensions["raseed"]
    return found
