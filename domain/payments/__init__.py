"""Payments: how money comes in, what it is for, and how it is given back."""

from typing import Final

# The work of asking gateways: who starts a payment in a turn wakes it.
PAYMENTS: Final = "payments"
