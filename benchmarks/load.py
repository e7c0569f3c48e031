"""Puts load on a web service: prepared requests over connections that stay open."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from urllib.parse import urlencode, urlsplit

from twilio.request_validator import RequestValidator


@dataclass(frozen=True, slots=True)
class Load:
    """What one run showed: requests per second, and the time that all but one in a hundred stayed under, in ms."""

    per_second: float
    p99_ms: float


def prepared(url: str, signed_url: str, token: str, form: dict[str, str]) -> bytes:
    """Return the bytes of a signed form post to `url`."""
    body = urlencode(form).encode()
    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    signature = RequestValidator(token).compute_signature(signed_url, form)
    head = (
        f"POST {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nX-Twilio-Signature: {signature}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def put_load(port: int, requests: Sequence[bytes], connections: int) -> Load:
    """Send all `requests` over so many connections at once, each after the answer to the one before."""
    return asyncio.run(_put_load(port, requests, connections))


async def _put_load(port: int, requests: Sequence[bytes], connections: int) -> Load:
    waiting = iter(requests)
    times: list[float] = []
    began = perf_counter()
    await asyncio.gather(*(_talk(port, waiting, times) for _ in range(connections)))
    took = perf_counter() - began
    times.sort()
    return Load(len(times) / took, times[int(len(times) * 0.99) - 1] * 1000)


async def _talk(port: int, waiting: Iterator[bytes], times: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in waiting:
        began = perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 2"):
            raise RuntimeError(head.decode().splitlines()[0])
        await reader.readexactly(_length(head.lower()))
        times.append(perf_counter() - began)
    writer.close()
    await writer.wait_closed()


def _length(head: bytes) -> int:
    _, there, rest = head.partition(b"content-length:")
    return int(rest.split(b"\r\n")[0]) if there else 0
