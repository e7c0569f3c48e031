"""What the pages that customers see have in common: their look, and headers that let nothing else in."""

import hashlib
from base64 import b64encode
from pathlib import Path
from typing import Final

STYLE: Final = (Path(__file__).parent / "templates" / "legal.css").read_text(encoding="utf-8")
_STYLE_HASH: Final = b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
# Nothing is loaded from anywhere, nothing runs, nobody frames it.
SAFE: Final = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
