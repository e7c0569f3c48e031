"""python -m sandbox.vendor --port 8002 --config vendor.json [--state DIR]"""

import argparse
import signal
import sys
import threading
from pathlib import Path

from sandbox.twilio.server import Server
from sandbox.vendor.app import create_app
from sandbox.vendor.config import ConfigError, load
from sandbox.vendor.store import Store
from sandbox.vendor.world import World

HOST = "127.0.0.1"


def main(arguments: list[str] | None = None) -> int:
    """Run the vendor alone until SIGINT or SIGTERM. In the demo it is mounted beside the phone page instead."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.vendor", description="Emulates a token vendor.")
    parser.add_argument("--port", type=int, default=8002)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--state", type=Path, help="a folder for the books; in memory without it")
    options = parser.parse_args(arguments)
    try:
        server = Server(HOST, options.port, create_app(World(load(options.config), Store(options.state))))
    except (ConfigError, OSError) as error:
        print(f"vendor: {error}", file=sys.stderr)
        return 1
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    threading.Thread(target=server.run, name="server", daemon=True).start()
    print(f"vendor: http://{HOST}:{server.server_address[1]}/", flush=True)
    stop.wait()
    server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
