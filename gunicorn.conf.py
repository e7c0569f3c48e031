"""How gunicorn runs the service. Any of it may be overridden on its command line or by GUNICORN_CMD_ARGS."""

import os
import shutil
import sys
import tempfile
from typing import Any

# Set before the application is loaded: the metrics of all processes are added up through files in it.
_ours = "PROMETHEUS_MULTIPROC_DIR" not in os.environ
if _ours:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="raseed-metrics-")

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = 8
timeout = 30
graceful_timeout = 25
keepalive = 5
max_requests = 100_000
max_requests_jitter = 10_000
accesslog = None
control_socket_disable = True


def on_starting(_: Any) -> None:
    """Find out what the environment lacks before anything is started: one line, and the end."""
    from bot.settings import SettingsError, read_settings

    try:
        read_settings()
    except SettingsError as error:
        print(f"raseed: {error}", file=sys.stderr)  # noqa: T201  the operator reads it here, at start
        on_exit(None)
        os._exit(1)  # an exception would be shown with all its calls


def child_exit(_: Any, worker: Any) -> None:
    """Count a dead process no longer."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(_: Any) -> None:
    """Leave nothing behind."""
    if _ours:
        shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
