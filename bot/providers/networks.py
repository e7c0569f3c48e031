"""The network of meters that the environment names."""

from typing import Final

from bot.providers.acrel import AcrelNetwork
from bot.providers.acrel_transport import AcrelTransport
from bot.settings import Settings
from domain.vendors.network import MeterNetwork

# The platform only takes things down; what the meter does about them comes later.
REQUEST_SECONDS: Final = 10.0


def make_network(settings: Settings, timeout: float = REQUEST_SECONDS) -> MeterNetwork | None:
    """Return the network; None when there is none. Make it once in a process, after it has forked."""
    if settings.acrel_api_base_url is None:
        return None
    password = settings.acrel_password.get_secret_value() if settings.acrel_password else ""
    transport = AcrelTransport(settings.acrel_api_base_url, settings.acrel_username or "", password, timeout)
    return AcrelNetwork(transport)
