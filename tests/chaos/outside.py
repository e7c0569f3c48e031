"""The outside world: Twilio, a gateway and a vendor, each a program of its own, and never killed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sandbox.servers.processes import free_port
from tests.chaos.buyers import meter_numbers
from tests.chaos.parts import Part
from tests.chaos.plan import Size
from tests.noor import SMS, WHATSAPP
from tests.vendors.emulator import CONFIG, FACTS
from tests.world import ACCOUNT_SID, AUTH_TOKEN

_READY_SECONDS: Final = 60.0
_KEY, _SECRET = "sk_test_of_the_chaos", "what-notices-say"
# Shorter than a customer's patience, and longer than a healthy vendor needs on a machine with much to do.
_VENDOR_MS: Final = "2000"


@dataclass(frozen=True, slots=True)
class Outside:
    """Where it is, and the programs that it is made of."""

    twilio: str
    gateway: str
    vendor: str
    parts: tuple[Part, ...]

    def start(self) -> None:
        """Start it, and wait until it answers."""
        for part in self.parts:
            part.start()
        for part in self.parts:
            part.wait_until_ready(_READY_SECONDS)

    @property
    def environment(self) -> Mapping[str, str]:
        """What the service has to know of it."""
        return {
            "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
            "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "TWILIO_API_BASE_URL": self.twilio,
            "MOYASAR_API_BASE_URL": f"{self.gateway}/v1",
            "MOYASAR_SECRET_KEY": _KEY,
            "MOYASAR_WEBHOOK_SECRET": _SECRET,
            "STS_VENDOR": "http",
            "STS_API_BASE_URL": self.vendor,
            "STS_MERCHANT_ID": CONFIG["merchant_id"],
            "STS_API_KEY": CONFIG["key"],
            "STS_API_SECRET": CONFIG["secret"],
            "STS_API_TIMEOUT": _VENDOR_MS,
            "STS_API_RETRY_ATTEMPTS": "1",
            "STS_LOW_CREDIT": "0",
        }


def outside(seed: int, service: int, size: Size, folder: Path) -> Outside:
    """Return it, not yet started. `service` is the port that it speaks to."""
    told = f"http://127.0.0.1:{service}"
    made = {
        "twilio": ("/", _twilio(seed, told)),
        "moyasar": ("/control/settings", _gateway(told)),
        "vendor": ("/control/faults", _vendor(size)),
    }
    ports = {name: free_port() for name in made}
    parts = [_part(name, ports[name], path, config, folder) for name, (path, config) in made.items()]
    twilio, gateway, vendor = (f"http://127.0.0.1:{ports[name]}" for name in ("twilio", "moyasar", "vendor"))
    return Outside(twilio, gateway, vendor, tuple(parts))


def _part(name: str, port: int, path: str, config: dict[str, Any], folder: Path) -> Part:
    file = folder / f"{name}.json"
    file.write_text(json.dumps(config), encoding="utf-8")
    command = ["-m", f"sandbox.{name}", "--port", str(port), "--config", str(file)]
    return Part(name, command, {}, folder / f"{name}.log", (port, path))


def _twilio(seed: int, service: str) -> dict[str, Any]:
    return {
        "account_sid": ACCOUNT_SID,
        "auth_token": AUTH_TOKEN,
        "webhook_base_url": service,
        "senders": [{"address": WHATSAPP, "channel": "whatsapp"}, {"address": SMS, "channel": "sms"}],
        "settings": {
            "seed": seed,
            "auto_read": True,
            "response_delay_ms": 20,
            "keep_traffic": 0,
            "callback_delays_ms": {"queued": 50, "sent": 100, "delivered": 400, "read": 800},
        },
    }


def _gateway(service: str) -> dict[str, Any]:
    return {"secret_key": _KEY, "webhook_secret": _SECRET, "webhook_url": f"{service}/webhooks/moyasar"}


def _vendor(size: Size) -> dict[str, Any]:
    numbers = meter_numbers(size.buyers)
    return {**CONFIG, "meters": [{**FACTS, "meter_no": one, "link": "none", "load_watts": 0} for one in numbers]}
