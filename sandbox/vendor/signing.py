"""Who calls: the signature of docs/vendor-api.md, checked before anything is read."""

import hmac
import threading
from hashlib import sha256

from flask import request

from sandbox.vendor.errors import ApiError
from sandbox.vendor.world import World

_SECONDS = 300
_MOST_NONCES = 100_000


class Gate:
    """Lets in who has signed, in time, and only once."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._nonces: dict[str, None] = {}
        self._lock = threading.Lock()

    def check(self) -> None:
        """Raise ApiError unless the request is signed as it should be."""
        config = self._world.config
        given = [request.headers.get(f"X-{name}", "") for name in ("Merchant-Id", "Api-Key")]
        if given != [config.merchant_id, config.key]:
            raise ApiError(401, "unknown_merchant", "no such merchant and key")
        stamp, nonce = request.headers.get("X-Timestamp", ""), request.headers.get("X-Nonce", "")
        if not (stamp.isascii() and stamp.isdigit()) or abs(self._world.clock.now() - int(stamp)) > _SECONDS:
            raise ApiError(401, "stale", f"the timestamp is more than {_SECONDS} seconds away from ours")
        lines = (request.method, request.environ["RAW_URI"], stamp, nonce, sha256(request.get_data()).hexdigest())
        wanted = hmac.new(config.secret.encode(), "\n".join(lines).encode(), sha256).hexdigest()
        if not hmac.compare_digest(wanted, request.headers.get("X-Signature", "")):
            raise ApiError(401, "bad_signature", "the signature is wrong")
        self._check_once(nonce)

    def _check_once(self, nonce: str) -> None:
        with self._lock:
            if len(nonce) < 16 or nonce in self._nonces:
                raise ApiError(401, "replayed", "the nonce is too short, or was used before")
            self._nonces[nonce] = None
            if len(self._nonces) > _MOST_NONCES:
                del self._nonces[next(iter(self._nonces))]
