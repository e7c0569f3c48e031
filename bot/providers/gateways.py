"""Which gateway the settings name."""

from bot.providers.moyasar import Moyasar
from bot.settings import Settings
from domain.gateways.port import PaymentGateway


def make_gateway(settings: Settings) -> PaymentGateway | None:
    """Return the gateway; None while its variables are not set."""
    if settings.moyasar_secret_key is None:
        return None
    return Moyasar(settings.moyasar_api_base_url, settings.moyasar_secret_key.get_secret_value())
