"""What is done when nobody knows whether a vendor issued: ask, with our reference, before anything else.

A request that got no answer may still be on its way. That is no harm to whoever charges again under the same reference.
Who would rather give the money back asks once more when the request's time limit has passed, or else gives both.
"""

from domain.vendors.errors import OutcomeUnknown, VendorError
from domain.vendors.port import TokenVendor
from domain.vendors.requests import ChargeRequest
from domain.vendors.results import Charge


def verified(vendor: TokenVendor, request: ChargeRequest) -> Charge | None:
    """Return the charge as the vendor has it, None for none. Raises OutcomeUnknown when it can't be asked."""
    from_vendor = _asked(vendor, request)
    if from_vendor is not None and (from_vendor.meter_no, from_vendor.units) != (request.meter.meter_no, request.units):
        raise OutcomeUnknown(request.reference, "the vendor has another charge under this reference")
    return from_vendor


def _asked(vendor: TokenVendor, request: ChargeRequest) -> Charge | None:
    try:
        return vendor.verify_charge(request.meter, request.reference)
    except VendorError as error:
        raise OutcomeUnknown(request.reference, f"can't be verified now: {error}") from error
