"""The folder that holds everything of the demo."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from sandbox.demo.errors import DemoError

PROJECT = Path(__file__).resolve().parents[2]
HOME = PROJECT / ".demo"


@dataclass(frozen=True, slots=True)
class DemoFolder:
    """The project's `.demo`, or another one in tests."""

    path: Path

    @property
    def lock(self) -> Path:
        """Held while a demo runs."""
        return self.path / "lock"

    @property
    def environment(self) -> Path:
        """The service's environment."""
        return self.path / "env"

    def make(self) -> None:
        """Make it, so that the user of PostgreSQL may pass through it. Raises DemoError."""
        try:
            self.path.mkdir(exist_ok=True)
            self.path.chmod(0o711)
            (self.path / "logs").mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise DemoError(f"can't use the folder {self.path}: {error.strerror}") from None

    def log(self, name: str) -> Path:
        """Return the log of a part."""
        return self.path / "logs" / f"{name}.log"

    @property
    def mark(self) -> str:
        """What the marks of all its processes begin with."""
        return f"{self.path / 'logs'}/"

    def clear(self) -> None:
        """Remove everything in it but the lock, which is held."""
        for entry in self.path.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            elif entry != self.lock:
                entry.unlink()
