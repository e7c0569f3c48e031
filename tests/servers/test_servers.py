"""The embedded servers start quickly, end with us, and come back after anything."""

import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import psycopg
import pytest
from redis import Redis

from sandbox.servers import EmbeddedPostgres, EmbeddedRedis, embedded_postgres, embedded_redis

PARENT = """
import sys, time
from pathlib import Path
from sandbox.servers import embedded_postgres, embedded_redis
here = Path(sys.argv[1])
with embedded_postgres(here / "pg" / "data", durable=False) as pg, embedded_redis(here / "redis") as redis:
    urls = pg.create_database("kept", owner="kept_owner", service_role="kept_service")
    print(urls.owner_url, redis.url, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def here() -> Iterator[Path]:
    """A folder that every user may pass through."""
    folder = Path(tempfile.mkdtemp(prefix="raseed-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _running(folder: Path) -> list[str]:
    """The processes that work in `folder`."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            in_it = str((process / "cwd").readlink()).startswith(str(folder))
            command = (process / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if (in_it or str(folder) in command) and "sandbox.servers" not in command:
            found.append(command)
    return found


def _gone(folder: Path, seconds: float = 15) -> bool:
    until = monotonic() + seconds
    while _running(folder) and monotonic() < until:
        sleep(0.05)
    return not _running(folder)


def _parent(here: Path) -> "tuple[subprocess.Popen[str], str, str]":
    command = [sys.executable, "-c", PARENT, str(here)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    postgres, redis = process.stdout.readline().split()
    return process, postgres, redis


def test_they_answer_and_leave_nothing() -> None:
    with embedded_postgres(durable=False) as postgres, embedded_redis() as redis:
        with psycopg.connect(postgres.superuser_url) as connection:
            assert connection.execute("SHOW server_version_num").fetchone() > ("150000",)
        with Redis.from_url(redis.url) as client:
            assert client.ping()
        folders = (postgres.data_dir.parent, redis.data_dir)
    for folder in folders:
        assert _gone(folder)
        assert not folder.exists()


def test_the_service_role_is_no_superuser_and_owns_nothing(here: Path) -> None:
    with embedded_postgres(here / "data", durable=False) as server:
        for _ in range(2):
            urls = server.create_database("some", owner="some_owner", service_role="some_service")
        with psycopg.connect(urls.service_url) as connection:
            row = connection.execute(
                "SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
            assert row == (False, False)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("CREATE TABLE mine (id int)")


def test_in_production_form_a_commit_is_on_the_disk(here: Path) -> None:
    with embedded_postgres(here / "data") as server, psycopg.connect(server.superuser_url) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_they_end_with_their_parent_and_come_back_with_what_they_held(here: Path, number: int) -> None:
    process, postgres, _ = _parent(here)
    with psycopg.connect(postgres) as connection:
        connection.execute("CREATE TABLE held (word text)")
        connection.execute("INSERT INTO held VALUES ('رصيد')")
    process.send_signal(number)
    process.wait()
    assert process.stdout
    process.stdout.close()
    assert _gone(here)
    process, postgres, _ = _parent(here)
    with psycopg.connect(postgres) as connection:
        assert connection.execute("SELECT word FROM held").fetchone() == ("رصيد",)
    process.terminate()
    process.wait()
    assert process.stdout
    process.stdout.close()
    assert _gone(here)


def test_killed_servers_come_back_on_the_same_port(here: Path) -> None:
    postgres, redis = EmbeddedPostgres(here / "data", durable=False), EmbeddedRedis(here / "redis")
    for server in (postgres, redis):
        server.start()
        port = server.port
        server.kill()
        server.start()
        assert server.port == port
    with psycopg.connect(postgres.superuser_url):
        pass
    postgres.stop()
    redis.stop()


def test_a_server_left_over_is_ended_first(here: Path) -> None:
    lost, found = EmbeddedPostgres(here / "data", durable=False), EmbeddedPostgres(here / "data", durable=False)
    lost.start()
    found.start()
    with psycopg.connect(found.superuser_url):
        pass
    found.stop()
    lost.stop()


def _python_for_everybody() -> str | None:
    """An interpreter of our version that every user may run; the one of a virtual environment may lie under /root."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return next(
        (str(path) for path in (Path("/usr/bin") / version, Path("/usr/local/bin") / version) if path.exists()), None
    )


def _closed_to_others(folder: Path) -> bool:
    return any(not parent.stat().st_mode & 0o001 for parent in (folder, *folder.parents))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else; as who we are it is tested above")
def test_as_an_ordinary_user(here: Path) -> None:
    project, python = Path(__file__).parents[2], _python_for_everybody()
    if python is None or _closed_to_others(project):
        pytest.skip("another user can't run this project's Python here")
    os.chown(here, 65534, 65534)
    path = os.pathsep.join([str(project), sysconfig.get_path("purelib")])
    command = [python, "-c", PARENT, str(here)]
    environment = {**os.environ, "HOME": str(here), "PYTHONPATH": path}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, user=65534, group=65534, extra_groups=[], cwd="/", env=environment
    )
    assert process.stdout
    postgres, _ = process.stdout.readline().split()
    with psycopg.connect(postgres):
        pass
    process.terminate()
    process.wait()
    process.stdout.close()
    assert _gone(here)
