"""The console's own addresses, wherever PUBLIC_BASE_URL puts them."""

import re
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from flask import Response, make_response, redirect

from bot.services import services

ROOT: Final = "/console"
_PARAMETER: Final = re.compile(r"<(?:\w+:)?(\w+)>")


def base() -> str:
    """Return what stands before every address of the console: what a proxy takes away, and its root."""
    return urlsplit(services().settings.public_base_url).path.rstrip("/") + ROOT


def link_to(path: str, values: dict[str, Any] | None = None, query: dict[str, Any] | None = None) -> str:
    """Return the address of a declared path with `values` in the place of its parameters."""
    found = _PARAMETER.sub(lambda name: str((values or {})[name[1]]), path)
    asked = {name: value for name, value in (query or {}).items() if value not in {None, ""}}
    return f"{base()}{found}" + (f"?{urlencode(asked)}" if asked else "")


def is_ours(address: str) -> bool:
    """Tell whether an address that was handed to us stays within the console: nobody sends staff elsewhere by us."""
    within = address == base() or address.startswith((f"{base()}/", f"{base()}?"))
    return within and "\\" not in address and "//" not in address and address.isprintable()


def going_to(address: str, status: int = 303) -> Response:
    """Return an answer that leads elsewhere."""
    return make_response(redirect(address, status))
