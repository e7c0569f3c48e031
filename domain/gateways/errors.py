"""What can go wrong at a gateway. Each error says what is certain: whether anything was done."""


class GatewayError(Exception):
    """The gateway did not do what it was asked to, or nobody knows."""


class Refused(GatewayError):
    """The gateway said no, so nothing was done. `code` is the gateway's own word for why."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code


class Unreachable(GatewayError):
    """The gateway was never reached (or, for a question, gave no usable answer): nothing was done."""


class OutcomeUnknown(GatewayError):
    """The gateway may have done it, or not. Look for it before anything else is tried."""
