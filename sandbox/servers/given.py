"""Servers that somebody else runs, for platforms that have no wheel of the embedded ones."""

from urllib.parse import urlsplit

from sandbox.servers.processes import ServerError
from sandbox.servers.roles import Urls


class GivenPostgres:
    """The PostgreSQL that DATABASE_URL and MIGRATIONS_DATABASE_URL name. Nothing is made in it, and nothing removed."""

    def __init__(self, service_url: str, owner_url: str, *, throwaway: bool) -> None:
        if throwaway and "test" not in urlsplit(owner_url).path:
            raise ServerError('DATABASE_URL: what is emptied again and again must have "test" in its name')
        self._urls = Urls(owner_url, service_url)

    @property
    def superuser_url(self) -> str:
        """The most that we were given."""
        return self._urls.owner_url

    def start(self) -> None:
        """It runs."""

    def stop(self) -> None:
        """It is not ours to stop."""

    def kill(self) -> None:
        """Raise ServerError: it is not ours to kill."""
        raise ServerError("the PostgreSQL of DATABASE_URL is not ours to kill")

    def is_running(self) -> bool:
        """Tell that it is somebody else's care."""
        return True

    def erase(self) -> None:
        """Raise ServerError: what it holds is not ours to remove."""
        raise ServerError("the data in the PostgreSQL of DATABASE_URL is not ours to remove: empty it yourself")

    def create_database(self, name: str, *, owner: str, service_role: str) -> Urls:  # noqa: ARG002  they are given
        """Return the addresses as they were given."""
        return self._urls


class GivenRedis:
    """The Redis that REDIS_URL names."""

    def __init__(self, url: str) -> None:
        self.url = url

    def start(self) -> None:
        """It runs."""

    def stop(self) -> None:
        """It is not ours to stop."""

    def kill(self) -> None:
        """Raise ServerError: it is not ours to kill."""
        raise ServerError("the Redis of REDIS_URL is not ours to kill")

    def is_running(self) -> bool:
        """Tell that it is somebody else's care."""
        return True
