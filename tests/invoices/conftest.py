"""What the tests of invoices have in common."""

from tests.ledger.conftest import people, visiting

__all__ = ["people", "visiting"]
