"""The first words say what is wrong: the report goes on from there."""

from flows.flow import Flow, Go


class _Said(Flow):
    """Begins a report of a fault."""

    name = "said"
    states = ("saying",)

    def ask_saying(self) -> Go:
        """Go on with the report."""
        return Go("report", {"meant": self.name})


class NoPower(_Said):
    """Somebody says that there is no power."""

    name = "no_power"


class Voltage(_Said):
    """Somebody says that the power is weak, or flickers."""

    name = "voltage"


class MeterFault(_Said):
    """Somebody says that a meter is at fault."""

    name = "meter_fault"


class Danger(_Said):
    """Somebody says that there is danger."""

    name = "danger"
