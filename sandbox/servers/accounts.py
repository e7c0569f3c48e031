"""Who a server runs as. PostgreSQL refuses to run as root."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

_NOBODY = 65534


@dataclass(frozen=True, slots=True)
class Account:
    """A user that a program is started as."""

    uid: int
    gid: int

    def own(self, path: Path) -> None:
        """Make `path` this user's."""
        os.chown(path, self.uid, self.gid)


def account_for(data_dir: Path | None) -> Account | None:
    """Return who works on `data_dir`: its owner if it is there already, else `nobody`. None: we ourselves do."""
    if os.geteuid() != 0:
        return None
    if data_dir and data_dir.exists() and (found := data_dir.stat()).st_uid != 0:
        return Account(found.st_uid, found.st_gid)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return Account(_NOBODY, _NOBODY)
    return Account(nobody.pw_uid, nobody.pw_gid)


def can_reach(account: Account, path: Path) -> bool:
    """Tell whether `account` may pass through all folders down to the folder `path`, itself included."""
    return all(_may_pass(account, folder) for folder in (path, *path.parents))


def _may_pass(account: Account, folder: Path) -> bool:
    found = folder.stat()
    if found.st_uid == account.uid:
        return bool(found.st_mode & 0o100)
    if found.st_gid == account.gid:
        return bool(found.st_mode & 0o010)
    return bool(found.st_mode & 0o001)
