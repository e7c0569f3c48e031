"""The token vendor, for those calls that ask it something."""

from flask import current_app

from bot.api.calls import Call
from bot.problems import Problem
from bot.providers.vendors import make_vendor
from domain.vendors.port import TokenVendor


def vendor_of(call: Call) -> TokenVendor:
    """Return the vendor, made at the first call that wants it. Where there is none, that is a problem."""
    if "vendor" not in current_app.extensions:
        current_app.extensions["vendor"] = make_vendor(call.services.settings, call.services.door)
    found: TokenVendor | None = current_app.extensions["vendor"]
    if found is None:
        raise Problem(409, "no_vendor", "no token vendor is set up")
    return found
