"""Readings: what meters had counted, from wherever they come, and what of it is held until staff has looked at it.

`taking` takes them in, `judging` says what is odd, `deciding` lets staff confirm and reject, `exchanging` is about
meters that were replaced.
"""

from domain.readings.tables import MeterExchange, Reading

__all__ = ["MeterExchange", "Reading"]
