"""The process that tells events: `python events.py`. It serves one path, and nothing of it waits for anybody else."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import AsyncIterator, Coroutine
from typing import Any, Final
from uuid import UUID

import structlog
from aiohttp import web

from bot.live.admitting import NotAdmitted, admit, still_good
from bot.live.hearing import keep_hearing
from bot.live.hub import Hub, Listener
from bot.services import Services
from domain.door import DATABASE_ERRORS
from domain.listening import TOPICS, Figures, relay, write_figures

log = structlog.get_logger()

PATH: Final = "/api/v1/events"
_HEARTBEAT: Final = 15.0
# Who takes longer to take what we say is too slow.
_WRITES_WITHIN: Final = 10.0
# What the kernel keeps for a listener: little, so that who reads nothing is noticed.
_SEND_BUFFER: Final = 64 * 1024
# How long what is heard in a storm is gathered before it is told.
_GATHERS: Final = 0.4
# How often it is looked what was committed.
_RELAYS: Final = 0.15
_WRITES_FIGURES: Final = 2.0
_LOOKS_WHO_MAY: Final = 5.0
_NO_CACHE: Final = {"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
_STATUS: Final = {
    400: ("Bad Request", "unknown_topic", f"topics are {', '.join(TOPICS)}, separated by commas"),
    401: ("Unauthorized", "not_signed_in", "this needs a bearer token, an API key, or the console's session"),
    403: ("Forbidden", "not_allowed", "this needs the role viewer, or an API key with the scope events:read"),
    503: ("Service Unavailable", "away", "the database can't be heard just now"),
}


class Teller:
    """The HTTP side: lets listeners in, and writes to each what the hub has for them."""

    def __init__(self, services: Services, hub: Hub) -> None:
        self.services = services
        self.hub = hub
        self.heard = asyncio.Event()

    def application(self) -> web.Application:
        """Return the application."""
        app = web.Application(client_max_size=0)
        app.add_routes([web.get(PATH, self.tell), web.get("/healthz", self.alive)])
        app.cleanup_ctx.append(self._at_work)
        app.on_shutdown.append(self._end)
        return app

    async def alive(self, _: web.Request) -> web.Response:
        """Tell whether the database is heard, and how many listen."""
        listeners = sum(1 for _ in self.hub.everybody())
        return web.json_response({"heard": self.heard.is_set(), "listeners": listeners})

    async def tell(self, request: web.Request) -> web.StreamResponse:
        """Tell somebody what happens, until they go."""
        topics = frozenset(filter(None, request.query.get("topics", ",".join(TOPICS)).split(",")))
        if not topics or not topics <= set(TOPICS):
            return _problem(400, request)
        if not self.heard.is_set():
            return _problem(503, request)
        try:
            listener = await self._listener(request, topics)
        except NotAdmitted as refused:
            return _problem(refused.status, request)
        except DATABASE_ERRORS:
            return _problem(503, request)
        response = web.StreamResponse(headers={**_NO_CACHE, **_cross_origin(request)})
        await response.prepare(request)
        _keep_little_for(request)
        last_id = request.headers.get("Last-Event-ID") or request.query.get("last_event_id")
        self.hub.add(listener, last_id)
        try:
            await self._write(response, listener)
        except (ConnectionError, TimeoutError, asyncio.CancelledError):
            pass
        finally:
            self.hub.remove(listener)
            if request.transport is not None:
                request.transport.abort()
        return response

    async def _listener(self, request: web.Request, topics: frozenset[str]) -> Listener:
        secure = self.services.settings.public_base_url.startswith("https://")
        cookie = request.cookies.get("__Host-raseed" if secure else "raseed")
        given = request.query.get("pass")
        ours = self.services
        found = await asyncio.to_thread(admit, ours.settings, ours.door, given, request.headers, cookie)
        return Listener(found.business_id, topics, found.bearer_id)

    async def _write(self, response: web.StreamResponse, listener: Listener) -> None:
        await response.write(b"retry: 2000\n\n")
        while not listener.ended.is_set():
            try:
                said = await asyncio.wait_for(listener.waiting.get(), _HEARTBEAT)
            except TimeoutError:
                said = b": still here\n\n"
            while not listener.waiting.empty():
                said += listener.waiting.get_nowait()
            try:
                await asyncio.wait_for(response.write(said), _WRITES_WITHIN)
            except TimeoutError:
                self.hub.figures[listener.business_id].dropped += 1
                raise

    async def _at_work(self, _: web.Application) -> AsyncIterator[None]:
        url = self.services.settings.database_url.get_secret_value()
        works: list[Coroutine[Any, Any, None]] = [keep_hearing(url, self.hub, self.heard), self._keep_telling()]
        works.append(self._keep_relaying())
        works.append(self._keep_counting())
        works.append(self._keep_looking_who_may())
        tasks = [asyncio.create_task(work) for work in works]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _end(self, _: web.Application) -> None:
        for listener in tuple(self.hub.everybody()):
            self.hub.remove(listener)

    async def _keep_telling(self) -> None:
        """Tell at once what is heard after a silence; in a storm, what was heard meanwhile together."""
        while True:
            await self.hub.heard.wait()
            self.hub.tell()
            await asyncio.sleep(_GATHERS)

    async def _keep_relaying(self) -> None:
        while True:
            await asyncio.sleep(_RELAYS)
            with contextlib.suppress(*DATABASE_ERRORS):
                await asyncio.to_thread(self._relay)

    def _relay(self) -> None:
        with self.services.door.for_every_business() as session:
            relay(session)

    async def _keep_counting(self) -> None:
        process = f"{socket.gethostname()}:{os.getpid()}"
        while True:
            await asyncio.sleep(_WRITES_FIGURES)
            with contextlib.suppress(*DATABASE_ERRORS):
                await asyncio.to_thread(self._write_figures, process, self.hub.counted())

    def _write_figures(self, process: str, figures: list[tuple[UUID, Figures]]) -> None:
        with self.services.door.for_every_business() as session:
            write_figures(session, process, figures)

    async def _keep_looking_who_may(self) -> None:
        """Let those go whose session has ended, or whose key was revoked."""
        while True:
            await asyncio.sleep(_LOOKS_WHO_MAY)
            bearers = {listener.bearer_id for listener in self.hub.everybody()}
            with contextlib.suppress(*DATABASE_ERRORS):
                good = await asyncio.to_thread(self._still_good, bearers)
                for listener in tuple(self.hub.everybody()):
                    if listener.bearer_id in bearers - good:
                        self.hub.remove(listener)

    def _still_good(self, bearers: set[UUID]) -> set[UUID]:
        with self.services.door.for_every_business() as session:
            return still_good(session, bearers)


def _cross_origin(request: web.Request) -> dict[str, str]:
    """Let pages of another origin read what their pass opens: by it, not by where it is shown, somebody is let in."""
    return {"Access-Control-Allow-Origin": "*"} if "pass" in request.query else {}


def _keep_little_for(request: web.Request) -> None:
    """Keep little of what a listener does not take: who reads nothing shall be noticed, and cost nothing."""
    if request.transport is not None:
        with contextlib.suppress(OSError, AttributeError):
            request.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)


def _problem(status: int, request: web.Request) -> web.Response:
    title, code, detail = _STATUS[status]
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, "code": code}
    headers = _cross_origin(request) | ({"WWW-Authenticate": "Bearer"} if status == 401 else {})
    return web.json_response(body, status=status, content_type="application/problem+json", headers=headers)


async def serve(services: Services, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    application = Teller(services, Hub()).application()
    # Who goes is noticed when they go, not when something is next said to them.
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=2, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, host, port, backlog=1024).start()
    log.info("telling events", host=host, port=port)
    await stopped.wait()
    await runner.cleanup()
