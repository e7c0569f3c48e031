"""Runs the workers and the schedule as child processes, and keeps them running."""

import os
import signal
import sys
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from threading import Event, Thread
from time import monotonic, sleep

import click
import structlog
from redis import Redis, RedisError
from redis.client import Pipeline
from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested
from rq.timeouts import TimerDeathPenalty
from rq.utils import import_attribute

from bot.jobs.queues import JOBS
from bot.jobs.schedule import run_schedule
from bot.jobs.stopping import stop, stopping
from bot.logs import configure_logs
from bot.settings import Settings, SettingsError, read_settings

log = structlog.get_logger()

_RESTART_AFTER = 1.0
_STOP_WITHIN = 30.0
_REDIS_BACK_AFTER = 2.0
_LOOK_AFTER = 1.0


class _Worker(SimpleWorker):
    """Runs jobs in its own process, so that connections stay warm. A job that kills it costs a restart.

    It ends between jobs once `ended` says so. RQ's own signal handler asks Redis from within the signal, which can
    meet the connection in the middle of a call and wait for ever; here it is looked every second instead.
    """

    death_penalty_class = TimerDeathPenalty
    dequeue_timeout = 1
    max_connection_wait_time = 2

    def __init__(self, queue: str, redis: Redis, ended: Callable[[], bool]) -> None:
        super().__init__([Queue(queue, connection=redis)], connection=redis)
        self._ended = ended

    def _install_signal_handlers(self) -> None:
        """Leave the handlers that the process has."""

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """Beat, and between two waits for jobs see whether to end."""
        if pipeline is None and self._ended():
            raise StopRequested
        super().heartbeat(timeout, pipeline)


@click.command()
@click.option("--queues", default=",".join(JOBS), show_default=True, help="The queues to work, comma-separated.")
@click.option("--processes", default=1, show_default=True, help="Worker processes for each queue.")
@click.option("--schedule/--no-schedule", default=True, help="Run the schedule too.")
def main(queues: str, processes: int, schedule: bool) -> None:
    """Run the workers and the schedule until SIGINT or SIGTERM, which let the jobs at work end.

    Example: python worker.py --queues replies --processes 2
    """
    names = [name for name in (name.strip() for name in queues.split(",")) if name]
    if unknown := set(names) - set(JOBS):
        _fail(f"--queues: there is no queue {', '.join(sorted(unknown))}; there are {', '.join(JOBS)}")
    try:
        settings = read_settings()
    except SettingsError as error:
        _fail(str(error))
    configure_logs(settings.log_level, settings.log_format)
    roles = [f"queue {name}" for name in names for _ in range(processes)] + ["schedule"] * schedule
    _keep_running(roles)


def _fail(why: str) -> None:
    click.echo(f"raseed: {why}", err=True)
    sys.exit(1)


def _keep_running(roles: list[str]) -> None:
    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    # All is imported by now, and nothing is open or running yet: children are copies, and at work at once.
    context = get_context("fork")
    children: list[tuple[str, BaseProcess]] = []

    def start(role: str) -> BaseProcess:
        child = context.Process(target=run_role, args=(role, os.getpid()), name=role)
        child.start()
        return child

    children = [(role, start(role)) for role in roles]
    log.info("workers started", roles=roles)
    while not stopped.wait(_RESTART_AFTER):
        for index, (role, child) in enumerate(children):
            if not child.is_alive():
                log.error("worker died, starting another", role=role, exit_code=child.exitcode)
                children[index] = (role, start(role))
    _stop([child for _, child in children])


def _stop(children: list[BaseProcess]) -> None:
    until = monotonic() + _STOP_WITHIN
    for child in children:
        child.terminate()
    for child in children:
        child.join(max(until - monotonic(), 0.1))
        if child.is_alive():
            child.kill()
            child.join()


def run_role(role: str, parent: int) -> None:
    """Be one child: the worker of a queue, or the schedule. Ends when told to, or when `parent` is gone."""
    settings = read_settings()
    configure_logs(settings.log_level, settings.log_format)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to all of us; the parent decides
    signal.signal(signal.SIGTERM, lambda *_: stop())

    def ended() -> bool:
        return stopping() or os.getppid() != parent

    if role == "schedule":
        run_schedule(ended)
    else:
        _work(settings, role.removeprefix("queue "), ended)


def _work(settings: Settings, queue: str, ended: Callable[[], bool]) -> None:
    """Work a queue, with Redis or without."""
    Thread(target=_work_without_redis, args=(settings, queue, ended), name="without Redis", daemon=True).start()
    while not ended():
        try:
            redis = Redis.from_url(settings.redis_url.get_secret_value())
            _Worker(queue, redis, ended).work(logging_level="WARNING")
        except (RedisError, OSError) as error:
            log.warning("Redis is away", queue=queue, error=type(error).__name__)
            sleep(_REDIS_BACK_AFTER)


def _work_without_redis(settings: Settings, queue: str, ended: Callable[[], bool]) -> None:
    """Look for the queue's work every second while Redis is away, which would tell of it."""
    redis = Redis.from_url(settings.redis_url.get_secret_value(), socket_timeout=_LOOK_AFTER)
    job = import_attribute(JOBS[queue])
    while not ended():
        sleep(_LOOK_AFTER)
        try:
            redis.ping()
        except (RedisError, OSError):
            job()
