"""What real networks do on a bad day, to be switched on."""

from sandbox.vendor.faults import Faults as AnyFaults

KINDS = (
    "slow",  # answers after `seconds`
    "error_500",  # does nothing
    "timeout_before",  # does nothing, and never answers
    "timeout_after",  # does it, and never answers
    "error_500_after",  # does it, and says 500
    "lost_report",  # the meter reports, and nobody hears it
    "signed_out",  # our token is forgotten
)
OPERATIONS = ("control", "read", "report", "any")


class Faults(AnyFaults):
    """The faults that are switched on."""

    kinds = KINDS
    operations = OPERATIONS
    usual = "any"
