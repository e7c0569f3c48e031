"""What things are called of which a list has only the ids: asked once for all of them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select

from bot.console.readers import Reader
from domain.customers import Customer
from domain.invoices import Invoice
from domain.meters import Meter


def customers_of(reader: Reader, ids: Iterable[UUID]) -> dict[UUID, Any]:
    """Return customers by their ids: id, name, name_ar, account_no."""
    wanted = select(Customer.id, Customer.name, Customer.name_ar, Customer.account_no).where(Customer.id.in_(set(ids)))
    own = wanted.where(Customer.business_id == reader.call.business_id)
    return {row.id: row for row in reader.session.execute(own)}


def meter_numbers(reader: Reader, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the numbers of meters by their ids."""
    wanted = select(Meter.id, Meter.meter_no).where(Meter.id.in_(set(ids)))
    own = wanted.where(Meter.business_id == reader.call.business_id)
    return {row.id: row.meter_no for row in reader.session.execute(own)}


def invoice_numbers(reader: Reader, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the numbers of invoices by their ids."""
    wanted = select(Invoice.id, Invoice.invoice_no).where(Invoice.id.in_(set(ids)))
    own = wanted.where(Invoice.business_id == reader.call.business_id)
    return {row.id: row.invoice_no for row in reader.session.execute(own)}
