"""The token vendor that the environment names."""

import os
from collections.abc import Mapping

from bot.providers.sts_http import HttpVendor
from bot.providers.sts_signature import Credentials
from bot.providers.sts_transport import Transport
from bot.settings import Settings
from bot.vending_keys import read_key_ring
from domain.door import Door
from domain.vendors.embedded import EmbeddedVendor
from domain.vendors.port import TokenVendor


def make_vendor(settings: Settings, door: Door, environment: Mapping[str, str] = os.environ) -> TokenVendor | None:
    """Return the vendor; None when there is none. Make it once in a process, after it has forked.

    Nothing is connected to before it is used. Raises KeysError for a malformed vending key.
    """
    if settings.sts_vendor == "embedded":
        return EmbeddedVendor(door, read_key_ring(environment, settings.sts_ea07_tables))
    if settings.sts_vendor == "http":
        return HttpVendor(_transport(settings), settings.sts_api_retry_attempts)
    return None


def own_engine(settings: Settings, door: Door, environment: Mapping[str, str] = os.environ) -> EmbeddedVendor | None:
    """Return our own engine under the keys that we hold, whoever issues tokens; None where we hold none."""
    keys = read_key_ring(environment, settings.sts_ea07_tables)
    return EmbeddedVendor(door, keys) if keys.vending_keys else None


def _transport(settings: Settings) -> Transport:
    credentials = Credentials(
        settings.sts_merchant_id or "",
        settings.sts_api_key.get_secret_value() if settings.sts_api_key else "",
        settings.sts_api_secret.get_secret_value() if settings.sts_api_secret else "",
    )
    return Transport(settings.sts_api_base_url or "", credentials, settings.sts_api_timeout / 1000)
