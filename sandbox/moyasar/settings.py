"""What can be changed while the sandbox runs."""

from dataclasses import asdict, dataclass, fields
from typing import Any

from sandbox.moyasar.errors import ControlError


@dataclass(slots=True)
class Settings:
    webhooks: bool = True
    callbacks: bool = True
    # How long each further try of a notice waits for its turn.
    retry_seconds: tuple[float, ...] = (60, 600, 1800, 3600, 7200)
    # A SADAD bill is paid by itself after so many seconds; None: it waits for the bank page.
    bills_paid_after: float | None = None

    def change(self, wanted: dict[str, Any]) -> None:
        """Raises ControlError."""
        if unknown := set(wanted) - {field.name for field in fields(self)}:
            raise ControlError(f"there is no setting {', '.join(sorted(unknown))}")
        for name, value in wanted.items():
            setattr(self, name, tuple(value) if isinstance(value, list) else value)

    def reset(self) -> None:
        self.change(asdict(Settings()))

    def document(self) -> dict[str, Any]:
        return asdict(self)
