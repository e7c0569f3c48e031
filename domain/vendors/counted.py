"""Where what meters report of their counters goes on to: the seam between the network and whoever bills."""

from collections.abc import Sequence

from domain.door import Visit
from domain.vendors.reports import Noted


def pass_on(visit: Visit, reports: Sequence[Noted]) -> None:
    """Hand readings on (meter, instant, watt-hours; their source is the network), in the transaction that noted them.

    Nobody takes them yet: they stand in `meter_report`, from where subsidies are reckoned.
    """
