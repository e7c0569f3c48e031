"""What happens by itself: meters do what they were told and report, and reports are pushed to the service."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable
from typing import Any

import requests

from sandbox.acrel.world import World

_TICK = 0.2
_AT_ONCE = 50
_AGAIN = 2.0


def begin(world: World) -> Callable[[], None]:
    """Let it happen, and return what stops it."""
    stopped = threading.Event()
    thread = threading.Thread(target=_run, args=(world, stopped), name="acrel", daemon=True)
    thread.start()

    def stop() -> None:
        stopped.set()
        thread.join()

    return stop


def _run(world: World, stopped: threading.Event) -> None:
    quiet_until = 0.0
    while not stopped.wait(_TICK):
        world.tick()
        if world.to_push and time.monotonic() >= quiet_until and not push(world):
            quiet_until = time.monotonic() + _AGAIN


def push(world: World) -> bool:
    """Push what there is; what is not taken stays, and is pushed again. True when all of it was taken."""
    if world.config.webhook_url is None:
        world.to_push.clear()
    while world.to_push:
        batch = [world.to_push[n] for n in range(min(_AT_ONCE, len(world.to_push)))]
        if not _taken(world, world.config.webhook_url or "", batch):
            return False
        for _ in batch:
            world.to_push.popleft()
    return True


def _taken(world: World, url: str, batch: list[dict[str, Any]]) -> bool:
    body = json.dumps(batch[0] if len(batch) == 1 else batch).encode()
    at = str(int(world.clock.now()))
    signed = hmac.new(world.config.webhook_secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-Acrel-Timestamp": at, "X-Acrel-Signature": signed}
    try:
        # What is refused for good is not pushed again: it would stand in the way of all that follows.
        return requests.post(url, data=body, headers=headers, timeout=5).status_code < 500
    except requests.RequestException:
        return False
