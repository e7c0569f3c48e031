"""Purchases of electricity: from what is asked for to the token, with the money never in two places or in none.

`quoting` says what an amount buys; `booking` takes it from the wallet, and gives it back; `vending` has the vendor
issue, and settles what nobody knows; `states` is the machine; `shown` is what customers see of it.
"""

from domain.purchases.tables import Purchase, Token, VendorHealth

__all__ = ["Purchase", "Token", "VendorHealth"]
