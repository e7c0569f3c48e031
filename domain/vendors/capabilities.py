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
    SET_TARIFF = "set_tariff"
    SET_QUOTA = "set_quota"
    SET_CREDIT_LIMIT = "set_credit_limit"
    SET_MODE = "set_mode"
    SET_COMMUNICATION = "set_communication"
    REPORT = "report"
    COMMAND_STATUS = "command_status"
    CHECK_TOKEN = "check_token"  # noqa: S105  no password
    TEST_CONNECTION = "test_connection"


# What only a network of meters does: its meters keep what they are told, and report it.
OF_NETWORKS = frozenset(
    {
        Capability.SET_TARIFF,
        Capability.SET_QUOTA,
        Capability.SET_CREDIT_LIMIT,
        Capability.SET_MODE,
        Capability.SET_COMMUNICATION,
        Capability.REPORT,
    }
)
# All that a token vendor may do.
EVERYTHING = frozenset(Capability) - OF_NETWORKS
