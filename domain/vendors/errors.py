"""What can go wrong at a vendor. Each error says what is certain: whether anything was done."""

from domain.vendors.capabilities import Capability


class VendorError(Exception):
    """The vendor did not do what it was asked to, or nobody knows."""


class NotSupported(VendorError):
    """This vendor, or this meter's connection, cannot do that. Nothing was asked."""

    def __init__(self, capability: Capability) -> None:
        super().__init__(f"this vendor cannot do {capability.value}")
        self.capability = capability


class Refused(VendorError):
    """The vendor said no, so nothing was done. `code` is one of docs/vendor-api.md, for machines."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code


class Unreachable(VendorError):
    """The vendor was never reached (or, for a question, gave no answer): nothing was done."""


class OutcomeUnknown(VendorError):
    """The vendor may have done it, or not. Ask with `reference` before anything else is tried."""

    def __init__(self, reference: str, why: str) -> None:
        super().__init__(f"{reference}: {why}")
        self.reference = reference
