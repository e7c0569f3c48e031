"""Who speaks to us: Twilio signs its requests, and nothing is read before the signature holds."""

from collections.abc import Callable
from functools import wraps

import structlog
from flask import Response, request
from twilio.request_validator import RequestValidator, compare
from werkzeug.datastructures import MultiDict

from bot import metrics
from bot.services import services

log = structlog.get_logger()


def signed_by_twilio(view: Callable[[], Response]) -> Callable[[], Response]:
    """Answer 403, before any other work, unless Twilio signed the request with a token of the account it names."""

    @wraps(view)
    def guarded() -> Response:
        if not _is_signed():
            metrics.signature_refused.inc()
            log.warning("webhook refused: the signature does not hold", path=request.path)
            return Response(status=403)
        return view()

    return guarded


def _is_signed() -> bool:
    signature = request.headers.get("X-Twilio-Signature", "")
    if not signature or not signature.isascii():
        return False
    form: MultiDict[str, str] = request.form
    tokens = services().accounts.tokens_of(form.get("AccountSid", ""))
    url = services().settings.public_base_url + _raw_target()
    return any(_holds(RequestValidator(token), url, form, signature) for token in tokens)


def _holds(validator: RequestValidator, url: str, form: MultiDict[str, str], signature: str) -> bool:
    # The address as it stands is nearly always the one that was signed. validate() also tries it with its port and
    # without, at twice the price.
    exact = validator.compute_signature(url, form)
    return bool(compare(exact, signature) or validator.validate(url, form, signature))


def _raw_target() -> str:
    """Return the request target byte for byte: Flask's own URL is decoded, and decoding breaks signatures."""
    target = str(request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.full_path)
    if target.startswith("/"):
        return target
    return "/" + target.split("://", 1)[-1].partition("/")[2]
