"""A proxy as docs/operations.md describes it: it leads one path to the process that tells events."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from aiohttp import ClientError, ClientSession, web

from bot.console.rendering import EVENTS

_BETWEEN_TWO = {"connection", "transfer-encoding", "content-length", "keep-alive", "date", "server"}


class _Proxy:
    def __init__(self, service: str, events: str) -> None:
        self._service = service
        self._events = events

    async def lead(self, request: web.Request) -> web.StreamResponse:
        """Ask the one whose path it is, and hand on what it says as it says it."""
        base = self._events if request.path == EVENTS else self._service
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _BETWEEN_TWO}
        body = await request.read()
        try:
            async with (
                ClientSession(auto_decompress=False) as session,
                session.request(
                    request.method, base + request.path_qs, headers=headers, data=body, allow_redirects=False
                ) as found,
            ):
                kept = [(name, value) for name, value in found.headers.items() if name.lower() not in _BETWEEN_TWO]
                response = web.StreamResponse(status=found.status)
                for name, value in kept:
                    response.headers.add(name, value)
                await response.prepare(request)
                async for piece in found.content.iter_any():
                    await response.write(piece)
                return response
        except (ClientError, ConnectionError):
            return web.Response(status=502)


@contextmanager
def leading(port: int, service: str, events: str) -> Iterator[str]:
    """Run the proxy on a port, and return where it is. It has a thread and a loop of its own."""
    began, ended = Event(), Event()

    async def lead() -> None:
        app = web.Application(client_max_size=32 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", _Proxy(service, events).lead)
        runner = web.AppRunner(app, shutdown_timeout=0.5, handler_cancellation=True)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        began.set()
        await asyncio.to_thread(ended.wait)
        await runner.cleanup()

    thread = Thread(target=lambda: asyncio.run(lead()))
    thread.start()
    assert began.wait(10)
    yield f"http://127.0.0.1:{port}"
    ended.set()
    thread.join()
