"""Which server serves where there is no wheel, and on which port."""

import logging
import socket
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.servers import EmbeddedPostgres, EmbeddedRedis, GivenPostgres, GivenRedis, ServerError, binaries, choice
from sandbox.servers.cluster import Cluster
from sandbox.servers.processes import free_port, is_free


@pytest.fixture
def no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    """A platform that the wheels don't serve."""
    for module in (binaries, choice):
        monkeypatch.setattr(module, "postgres_in_wheel", lambda: None)
        monkeypatch.setattr(module, "redis_in_wheel", lambda: None)
    for name in ("DATABASE_URL", "MIGRATIONS_DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)


def test_the_wheel_serves_even_when_addresses_are_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://production/raseed")
    monkeypatch.setenv("REDIS_URL", "redis://production")
    place = Path(tempfile.gettempdir()) if binaries.postgres_in_wheel() else pytest.skip("no wheel here")
    assert isinstance(choice.choose_postgres(place / tmp_path.name), EmbeddedPostgres)
    assert isinstance(choice.choose_redis(tmp_path), EmbeddedRedis)
    (place / tmp_path.name).rmdir()


@pytest.mark.usefixtures("no_wheel")
def test_given_addresses_serve_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://there/some_test")
    monkeypatch.setenv("REDIS_URL", "redis://there")
    postgres, redis = choice.choose_postgres(tmp_path, throwaway=True), choice.choose_redis(tmp_path)
    assert isinstance(postgres, GivenPostgres)
    assert isinstance(redis, GivenRedis)
    urls = postgres.create_database("raseed", owner="raseed_owner", service_role="raseed")
    assert urls.owner_url == urls.service_url == "postgresql://there/some_test"
    assert redis.url == "redis://there"
    assert "DATABASE_URL" in caplog.text
    assert "REDIS_URL" in caplog.text


@pytest.mark.usefixtures("no_wheel")
def test_what_is_not_for_tests_is_never_given_to_tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://production/raseed")
    with pytest.raises(ServerError, match='must have "test" in its name'):
        choice.choose_postgres(tmp_path, throwaway=True)


@pytest.mark.usefixtures("no_wheel")
def test_what_is_not_ours_is_neither_killed_nor_erased(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://production/raseed")
    given = choice.choose_postgres(tmp_path)
    for act in (given.kill, given.erase):
        with pytest.raises(ServerError, match="not ours"):
            act()


@pytest.mark.usefixtures("no_wheel")
def test_installed_servers_serve_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    installed = binaries.Found(Path("/opt/some-redis"), in_wheel=False)
    monkeypatch.setattr(binaries, "redis_installed", lambda: installed)
    caplog.set_level(logging.WARNING)
    assert isinstance(choice.choose_redis(tmp_path), EmbeddedRedis)
    assert "/opt/some-redis" in caplog.text
    assert replace(installed, in_wheel=True) != installed


@pytest.mark.usefixtures("no_wheel")
def test_no_server_at_all_is_one_line_that_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "postgres_installed", lambda: None)
    monkeypatch.setattr(binaries, "redis_installed", lambda: None)
    for choose, variable in ((choice.choose_postgres, "DATABASE_URL"), (choice.choose_redis, "REDIS_URL")):
        with pytest.raises(ServerError, match=f"set {variable}$") as raised:
            choose(tmp_path)
        assert "\n" not in str(raised.value)


def test_the_port_of_the_last_time_is_taken_again_if_it_is_free(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path, None)
    port = free_port()
    cluster.keep_port(port)
    assert cluster.port() == port
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port))
        listener.listen()
        assert not is_free(port)
        assert cluster.port() != port
