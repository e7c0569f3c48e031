"""Places on the disk that the user of a server can get at: a project under /root is closed to others."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from time import time

from sandbox.servers.accounts import Account, can_reach
from sandbox.servers.processes import ServerError

_OPEN_TO_ALL = Path("/var/tmp")  # noqa: S108  every user may pass through it, and it outlives a reboot
_LOCK = "in-use"
_YOUNG_SECONDS = 60.0


def data_place(folder: Path, account: Account | None) -> Path:
    """Return `folder`, or a place elsewhere that stands for it when `account` could not get there. Makes it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    if account is not None and not can_reach(account, folder.parent.resolve()):
        folder = _own_folder("data", folder) / folder.name
    folder.mkdir(mode=0o700, exist_ok=True)
    if account is not None:
        folder.chmod(0o711)
    return folder


def programs_place(folder: Path, account: Account | None) -> Path:
    """Return the folder of programs, or a copy of it that `account` can get at."""
    if account is None or can_reach(account, folder / "bin"):
        return folder
    package = folder.parent
    changed = str(folder.stat().st_mtime_ns).encode()
    copy = _own_folder("programs", folder, changed)
    # The programs look for their libraries in the folder that the wheel keeps beside its package.
    for part in (package.with_name(f"{package.name}.libs"), folder):
        if part.exists():
            _copy_once(part, copy / part.relative_to(package.parent))
    return copy / folder.relative_to(package.parent)


@contextmanager
def temporary_place(kind: str, account: Account | None, end_leftovers: Callable[[Path], None]) -> Iterator[Path]:
    """Give a folder that is removed at the end. One whose owner was killed is removed by the next that comes."""
    base = Path(tempfile.gettempdir()).resolve()
    if account is not None and not can_reach(account, base):
        base = _OPEN_TO_ALL
    _sweep(base, f"raseed-{kind}-*", end_leftovers)
    folder = Path(tempfile.mkdtemp(prefix=f"raseed-{kind}-", dir=base))
    try:
        folder.chmod(0o711)
        with (folder / _LOCK).open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(base: Path, pattern: str, end_leftovers: Callable[[Path], None]) -> None:
    for folder in base.glob(pattern):
        with suppress(OSError):
            found = folder.lstat()
            if found.st_uid == os.geteuid() and time() - found.st_mtime > _YOUNG_SECONDS:
                _remove_unless_used(folder, end_leftovers)


def _remove_unless_used(folder: Path, end_leftovers: Callable[[Path], None]) -> None:
    with (folder / _LOCK).open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        end_leftovers(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _own_folder(kind: str, stands_for: Path, *more: bytes) -> Path:
    """Return the folder that stands for another one. Raises ServerError when somebody else has laid it there."""
    key = sha256(b"\0".join((bytes(stands_for), *more))).hexdigest()[:12]
    folder = _OPEN_TO_ALL / f"raseed-{kind}-{key}"
    folder.mkdir(mode=0o711, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
        raise ServerError(f"{folder} belongs to somebody else: remove it")
    folder.chmod(0o711)
    return folder


def _copy_once(source: Path, target: Path) -> None:
    """Copy a folder for all to read; two that do it at once don't meet, and a half-made copy is never used."""
    if target.exists():
        return
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix="making-", dir=target.parent))
    try:
        shutil.copytree(source, making / "copy", symlinks=True)
        for path in (making / "copy", *(making / "copy").rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | 0o444 | (0o111 if path.stat().st_mode & 0o100 else 0))
        with suppress(OSError):  # somebody else was quicker
            (making / "copy").rename(target)
    finally:
        shutil.rmtree(making, ignore_errors=True)
