"""Where the servers' data lies, and who may get at it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from sandbox.servers import EmbeddedPostgres, ServerError, places
from sandbox.servers.accounts import account_for, can_reach
from sandbox.servers.binaries import find_postgres
from sandbox.servers.places import programs_place, temporary_place
from sandbox.servers.processes import processes_in

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root needs to become somebody else")


@pytest.fixture
def open_to_all(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that stands for /var/tmp, so that nothing stays there."""
    folder = Path(tempfile.mkdtemp(prefix="raseed-open-", dir="/var/tmp"))
    folder.chmod(0o1777)
    monkeypatch.setattr(places, "_OPEN_TO_ALL", folder)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """A folder for us alone, as /root is."""
    tmp_path.chmod(0o700)
    return tmp_path


@only_root
def test_data_in_a_closed_folder_lies_elsewhere_and_is_found_again(open_to_all: Path, closed: Path) -> None:
    for _ in range(2):
        server = EmbeddedPostgres(closed / "postgres", durable=False)
        assert server.data_dir.is_relative_to(open_to_all)
        server.start()
        with psycopg.connect(server.superuser_url) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS held ()")
        server.stop()
    server.erase()
    assert not server.data_dir.exists()


@only_root
def test_programs_in_a_closed_folder_are_copied_with_their_libraries(open_to_all: Path, closed: Path) -> None:
    found, account = find_postgres().folder, account_for(None)
    assert account
    package = found.parent
    for part in (found, package.with_name(f"{package.name}.libs")):
        if part.exists():
            shutil.copytree(part, closed / part.relative_to(package.parent), symlinks=True)
    for _ in range(2):
        copy = programs_place(closed / found.relative_to(package.parent), account)
        assert copy.is_relative_to(open_to_all)
        command = [str(copy / "bin" / "initdb"), "--version"]
        subprocess.run(command, check=True, user=account.uid, group=account.gid, extra_groups=[], cwd="/")


def test_a_folder_that_somebody_else_laid_there_is_refused(open_to_all: Path, tmp_path: Path) -> None:
    ours = places._own_folder("data", tmp_path)
    ours.rmdir()
    ours.symlink_to(tmp_path)
    with pytest.raises(ServerError, match="belongs to somebody else"):
        places._own_folder("data", tmp_path)


def test_a_temporary_place_whose_owner_was_killed_is_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    lost = tmp_path / "raseed-some-lost"
    lost.mkdir()
    (lost / "in-use").touch()
    swept: list[Path] = []
    with temporary_place("some", None, swept.append) as used:
        assert lost.exists()  # it is young: its owner may just be about to hold it
        for folder in (lost, used):
            os.utime(folder, (0, 0))
        with temporary_place("some", None, swept.append):
            assert used.exists()
    assert swept == [lost]
    assert not lost.exists()
    assert not used.exists()


def test_who_may_pass(tmp_path: Path) -> None:
    account = account_for(None)
    if account is None:
        pytest.skip("we are nobody but ourselves")
    assert can_reach(account, Path("/"))
    tmp_path.chmod(0o700)
    assert not can_reach(account, tmp_path)


def test_a_kill_takes_all_children_along() -> None:
    folder = Path(tempfile.mkdtemp(prefix="raseed-test-"))
    folder.chmod(0o711)
    server = EmbeddedPostgres(folder / "postgres", durable=False)
    server.start()
    assert len(processes_in(server.data_dir / "cluster", "postgres")) > 1
    server.kill()
    assert processes_in(server.data_dir / "cluster", "postgres") == []
    assert not server.is_running()
    shutil.rmtree(folder)
