"""Instants as the API writes them."""

import datetime as dt

from sandbox.twilio.clock import iso

__all__ = ["instant", "iso"]


def instant(epoch: float) -> dt.datetime:
    """Return an instant in UTC."""
    return dt.datetime.fromtimestamp(epoch, dt.UTC)
