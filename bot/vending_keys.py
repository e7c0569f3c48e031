"""The operator's vending keys and EA07's tables: read from the environment, and never stored, logged or shown."""

import re
from collections.abc import Mapping
from pathlib import Path

from domain.sts.errors import TablesError
from domain.sts.sta import StaTables, sta_tables
from domain.vendors.keys import KeyRing

_NAME = re.compile(r"STS_VENDING_KEY_([0-9]{6})_([1-9])(_FILE)?")
_PREFIX = "STS_VENDING_KEY_"
_LENGTHS = (8, 20)


class KeysError(ValueError):
    """A vending key, or the file of EA07's tables, is malformed. The message names the variable, and no key."""


def read_key_ring(environment: Mapping[str, str], tables: Path | None) -> KeyRing:
    """Return the keys in STS_VENDING_KEY_<supply group>_<revision> (hexadecimal, or in a file named by …_FILE).

    Raises KeysError.
    """
    given = {name: value for name, value in environment.items() if name.startswith(_PREFIX) and value}
    keys = dict(_key(name, value) for name, value in given.items())
    return KeyRing(keys, _tables(tables) if tables else None)


def _key(name: str, value: str) -> tuple[tuple[str, int], bytes]:
    found = _NAME.fullmatch(name)
    if found is None:
        raise KeysError(f"{name}: the name ends with a supply group of 6 digits and a revision from 1 to 9")
    group, revision, in_file = found.groups()
    try:
        key = bytes.fromhex(Path(value).read_text(encoding="ascii") if in_file else value)
    except OSError as error:
        raise KeysError(f"{name}: {error.strerror}") from None
    except ValueError:
        raise KeysError(f"{name} is not hexadecimal") from None
    if len(key) not in _LENGTHS:
        raise KeysError(f"{name} has {len(key)} bytes; a vending key has 8 (DKGA02) or 20 (DKGA04)")
    return (group, int(revision)), key


def _tables(path: Path) -> StaTables:
    try:
        return sta_tables(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise KeysError(f"STS_EA07_TABLES: {path}: {error.strerror}") from None
    except (UnicodeDecodeError, TablesError) as error:
        raise KeysError(f"STS_EA07_TABLES: {path}: {error}") from None
