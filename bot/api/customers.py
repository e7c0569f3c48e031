"""Customers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, and_, or_, select

from bot.api.calls import Call
from bot.api.pages import Order, page
from bot.api.routes import Resource
from bot.api.shapes import Money, Page, PageQuery, Shape
from bot.problems import FieldProblem, Problem
from domain.businesses import Business
from domain.contacts import Contact
from domain.customers import ContactCustomer, Customer
from domain.phones import PhoneError, to_e164
from domain.staff import VIEWER

customers = Resource("customers", "Customers: who owns meters, subscriptions and invoices.")

_ORDER = Order((Customer.account_no,), ("account_no",), descending=False)


class CustomerShown(Shape):
    """A customer."""

    id: UUID
    account_no: str
    name: str
    name_ar: str | None
    language: str | None
    phone: str | None
    email: str | None
    address: str | None
    area: str | None
    vat_number: str | None
    opening_balance: Money
    marketing_consent: bool
    tags: list[str]
    protected: bool
    created_at: datetime


class ReachedAt(Shape):
    """A contact that speaks for a customer, and how we know."""

    id: UUID
    channel: str
    address: str
    language: str | None
    source: str


class CustomerInFull(CustomerShown):
    """A customer, and where they are reached."""

    contacts: list[ReachedAt]


class CustomerQuery(PageQuery):
    """Which customers: all that is given must hold."""

    account_no: str | None = Field(None, max_length=64)
    phone: str | None = Field(None, max_length=40, description="In any usual form.")
    name: str | None = Field(None, min_length=2, max_length=100, description="How the name begins, in either language.")


@customers.get("/customers", role=VIEWER, query=CustomerQuery, answer=Page[CustomerShown])
def list_customers(call: Call, query: CustomerQuery) -> Page[CustomerShown]:
    """List customers, by the number of their account."""
    business = call.session.get_one(Business, call.business_id)
    statement = select(Customer).where(Customer.business_id == call.business_id)
    if query.account_no is not None:
        statement = statement.where(Customer.account_no == query.account_no)
    if query.phone is not None:
        statement = statement.where(Customer.phone == phone_of(query.phone, business.country))
    if query.name is not None:
        statement = statement.where(begins_with(query.name))
    return page(call, statement, _ORDER, query, lambda row: _shown(row[0], business.currency))


@customers.get("/customers/<uuid:customer_id>", role=VIEWER, answer=CustomerInFull)
def show_customer(call: Call, customer_id: UUID) -> CustomerInFull:
    """Show a customer, and where they are reached."""
    customer = found_customer(call, customer_id)
    currency = call.session.get_one(Business, call.business_id).currency
    statement = (
        select(Contact.id, Contact.channel, Contact.address, Contact.language, ContactCustomer.source)
        .join(ContactCustomer, ContactCustomer.contact_id == Contact.id)
        .where(ContactCustomer.customer_id == customer.id)
        .order_by(Contact.channel, Contact.address)
    )
    reached = [ReachedAt.model_validate(row) for row in call.session.execute(statement)]
    return CustomerInFull(contacts=reached, **_shown(customer, currency).model_dump())


def begins_with(name: str) -> ColumnElement[bool]:
    """Return the condition that the name of a customer begins with this, in either language, whatever the case."""
    first, last = name.lower(), name.lower() + "\U0010ffff"
    return or_(
        and_(Customer.name_key >= first, Customer.name_key < last),
        and_(Customer.name_ar_key >= first, Customer.name_ar_key < last),
    )


def found_customer(call: Call, customer_id: UUID) -> Customer:
    """Return the customer of this business with that id."""
    statement = select(Customer).where(Customer.business_id == call.business_id, Customer.id == customer_id)
    found = call.session.scalars(statement).one_or_none()
    if found is None:
        raise Problem(404, "not_found", "there is no customer with this id")
    return found


def phone_of(written: str, country: str) -> str:
    """Return a telephone number as it is kept."""
    try:
        return to_e164(written, country)
    except PhoneError:
        error = FieldProblem("phone", "bad_phone", "this is not a telephone number")
        raise Problem(422, "invalid", "something in the request is not valid", [error]) from None


def _shown(customer: Customer, currency: str) -> CustomerShown:
    facts: dict[str, Any] = {
        name: getattr(customer, name) for name in CustomerShown.model_fields if name != "opening_balance"
    }
    return CustomerShown(**facts, opening_balance=Money(minor=customer.opening_balance_minor, currency=currency))
