"""Which gateway the settings name."""

from bot.providers.moyasar import LIVE_KEY, Moyasar
from bot.settings import Settings
from domain.gateways.port import PaymentGateway


def make_gateway(settings: Settings) -> PaymentGateway | None:
    """Return the gateway; None while its variables are not set."""
    if settings.moyasar_secret_key is None:
        return None
    return Moyasar(settings.moyasar_api_base_url, settings.moyasar_secret_key.get_secret_value())


def is_live(settings: Settings) -> bool:
    """Tell whether real money moves: the key decides."""
    key = settings.moyasar_secret_key
    return key is not None and key.get_secret_value().startswith(LIVE_KEY)
