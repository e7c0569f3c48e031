"""The ports that the demo listens on."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.demo.errors import DemoError


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the service and the sandbox listen, on loopback."""

    service: int
    sandbox: int


def read_ports(environment: Mapping[str, str] = os.environ) -> Ports:
    """Return the ports that PORT and SANDBOX_PORT name. Raises DemoError."""
    ports = Ports(_read(environment, "PORT", 8000), _read(environment, "SANDBOX_PORT", 8001))
    if ports.service == ports.sandbox:
        raise DemoError(f"PORT and SANDBOX_PORT are both {ports.service}: they must differ")
    return ports


def check_free(ports: Ports, advice: str = "stop what listens there") -> None:
    """Raise DemoError when somebody listens on one of them, or we may not."""
    for name, port in (("PORT", ports.service), ("SANDBOX_PORT", ports.sandbox)):
        with socket.socket() as listener:
            # As servers do: connections that are just being forgotten are no reason to refuse.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", port))
            except PermissionError:
                raise DemoError(f"port {port} is not for ordinary users: set {name} to one above 1023") from None
            except OSError:
                raise DemoError(f"port {port} is taken: {advice}, or set {name} to another") from None


def _read(environment: Mapping[str, str], name: str, default: int) -> int:
    given = environment.get(name) or str(default)
    if not (given.isdecimal() and 0 < int(given) < 65536):
        raise DemoError(f"{name} must be a port number, not {given!r}")
    return int(given)
