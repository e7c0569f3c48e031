"""What vendors can do. Each says which of these it does."""

from enum import StrEnum


class Capability(StrEnum):
    """Something that a vendor may be asked."""

    CHARGE = "charge"
    VERIFY_CHARGE = "verify_charge"
    READING = "reading"
    READINGS = "readings"
    STATUS = "status"
    BALANCE = "balance"
    MAINTENANCE_CODE = "maintenance_code"
    DISCONNECT = "disconnect"
    RECONNECT = "reconnect"
    REDUCE_AMPERAGE = "reduce_amperage"
    INCREASE_AMPERAGE = "increase_amperage"
    TURN_ON = "turn_on"
    TURN_OFF = "turn_off"
    COMMAND_STATUS = "command_status"
    CHECK_TOKEN = "check_token"  # noqa: S105  no password
    TEST_CONNECTION = "test_connection"


EVERYTHING = frozenset(Capability)
