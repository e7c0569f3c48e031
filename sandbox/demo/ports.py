"""The ports that the demo listens on."""

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from sandbox.demo.errors import DemoError


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the service and its surroundings listen, on loopback."""

    service: int
    events: int
    sandbox: int
    moyasar: int
    mail: int
    smtp: int


def read_ports(environment: Mapping[str, str] = os.environ) -> Ports:
    """Return the ports that PORT and SANDBOX_PORT name; the others follow the sandbox's. Raises DemoError."""
    service, sandbox = _read(environment, "PORT", 8000), _read(environment, "SANDBOX_PORT", 8001)
    if service == sandbox:
        raise DemoError(f"PORT and SANDBOX_PORT are both {service}: they must differ")
    taken = {service, sandbox}
    moyasar = _read(environment, "MOYASAR_PORT", _free_after(sandbox, taken))
    mail = _read(environment, "MAIL_PORT", _free_after(sandbox, taken))
    events = _read(environment, "EVENTS_PORT", _free_after(sandbox, taken))
    return Ports(service, events, sandbox, moyasar, mail, _free_after(sandbox, taken))


def check_free(ports: Ports, advice: str = "stop what listens there") -> None:
    """Raise DemoError when somebody listens on one of them, or we may not."""
    for name, port in (
        ("PORT", ports.service),
        ("EVENTS_PORT", ports.events),
        ("SANDBOX_PORT", ports.sandbox),
        ("MOYASAR_PORT", ports.moyasar),
        ("MAIL_PORT", ports.mail),
    ):
        with socket.socket() as listener:
            try:
                _bind(listener, port)
            except PermissionError:
                raise DemoError(f"port {port} is not for ordinary users: set {name} to one above 1023") from None
            except OSError:
                raise DemoError(f"port {port} is taken: {advice}, or set {name} to another") from None


def _read(environment: Mapping[str, str], name: str, default: int) -> int:
    given = environment.get(name) or str(default)
    if not (given.isdecimal() and 0 < int(given) < 65536):
        raise DemoError(f"{name} must be a port number, not {given!r}")
    return int(given)


def _bind(listener: socket.socket, port: int) -> None:
    # As servers do: connections that are just being forgotten are no reason to refuse.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))


def _free_after(port: int, taken: set[int]) -> int:
    """Return the first port above this one where nobody listens, and take it."""
    for candidate in range(port + 1, 65536):
        with socket.socket() as listener, suppress(OSError):
            if candidate not in taken:
                _bind(listener, candidate)
                taken.add(candidate)
                return candidate
    raise DemoError(f"there is no free port above {port}")
