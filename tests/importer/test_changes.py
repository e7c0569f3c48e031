"""What a second folder changes, and what it leaves as it was."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot.importer import import_folder
from bot.importer.folder import Counts
from domain.businesses import Business
from domain.contacts import Consent, Contact
from domain.customers import ContactCustomer, Customer
from domain.door import Door
from domain.ids import new_id
from domain.invoices import Invoice
from domain.meters import Meter
from domain.senders import Sender
from domain.subscriptions import Subscription
from tests.importer.folders import CUSTOMER, INVOICES, OTHER, PLAN, refused, rows_with_versions, written

PEOPLE = "account_no,name,phone,marketing_consent\n"


def _consents(door: Door, channel: str = "sms") -> list[tuple[str, bool]]:
    with door.for_every_business() as session:
        rows = select(Contact.address, Consent.granted).join(Contact, Contact.id == Consent.contact_id)
        found = session.execute(rows.where(Contact.channel == channel).order_by(Consent.created_at, Contact.address))
        return [(row[0][-1], row[1]) for row in found]


def test_a_row_that_is_equal_is_not_written(door: Door, tmp_path: Path) -> None:
    business = "code,name_en,name_ar,vat_rate\nNOOR,Noor,النور,0.1500\n"
    senders = "address,channel,messages_per_second\nNOOR,sms,5.50\n"
    path = written(tmp_path, business=business, customers=PEOPLE + "1,Sara,0500000001,yes\n", senders=senders)
    import_folder(door, path)
    before = rows_with_versions(door)
    assert set(import_folder(door, path).files.values()) == {Counts(0, 0, 1)}
    assert rows_with_versions(door) == before


def test_only_what_differs_is_written(door: Door, tmp_path: Path) -> None:
    import_folder(door, written(tmp_path, customers="account_no,name\n1,Sara\n2,Omar\n"))
    report = import_folder(door, written(tmp_path, customers="account_no,name\n2,Omar H\n3,Huda\n"))
    assert report.files["customers.csv"] == Counts(1, 1, 0)
    with door.for_every_business() as session:
        assert list(session.scalars(select(Customer.name).order_by(Customer.account_no))) == ["Sara", "Omar H", "Huda"]


def test_a_column_that_is_left_out_keeps_what_it_holds(door: Door, tmp_path: Path) -> None:
    import_folder(door, written(tmp_path, customers=PEOPLE + "1,Sara,0500000001,yes\n"))
    before = rows_with_versions(door)
    import_folder(door, written(tmp_path, customers="account_no,name\n1,Sara\n"))
    assert rows_with_versions(door) == before  # no consent taken back, no phone forgotten


def test_a_dry_run_tells_what_would_change_and_changes_nothing(door: Door, tmp_path: Path) -> None:
    import_folder(door, written(tmp_path, customers=PEOPLE + "1,Sara,0500000001,yes\n"))
    before = rows_with_versions(door)
    business = "code,name_en,name_ar\nNOOR,Noor Electricity,النور\n"
    path = written(tmp_path, business=business, customers=PEOPLE + "1,Sara,0500000002,no\n2,Omar,0500000003,yes\n")
    report = import_folder(door, path, dry_run=True)
    assert report.files == {"business.csv": Counts(0, 1, 0), "customers.csv": Counts(1, 1, 0)}
    assert rows_with_versions(door) == before


def test_an_empty_field_forgets_what_it_held(door: Door, tmp_path: Path) -> None:
    import_folder(door, written(tmp_path, customers=PEOPLE + "1,Sara,0500000001,yes\n"))
    import_folder(door, written(tmp_path, customers=PEOPLE + "1,Sara,,yes\n"))
    with door.for_every_business() as session:
        assert session.scalars(select(Customer.phone)).one() is None
        assert session.scalars(select(ContactCustomer)).all() == []


def test_an_invoice_without_its_payments_keeps_them(door: Door, tmp_path: Path) -> None:
    row = "I,1,2026-01-01,2026-02-01,100,15,115"
    import_folder(door, written(tmp_path, customers=CUSTOMER, invoices=f"{INVOICES}{row},15\n"))
    report = import_folder(door, written(tmp_path, invoices=f"{INVOICES.replace(',paid', '')}{row}\n"))
    assert report.files["invoices.csv"] == Counts(0, 0, 1)
    with door.for_every_business() as session:
        assert session.execute(select(Invoice.status, Invoice.paid_minor)).one() == ("part_paid", 1500)


def test_a_cancelled_invoice_stays_cancelled(door: Door, tmp_path: Path) -> None:
    path = written(tmp_path, customers=CUSTOMER, invoices=f"{INVOICES}I,1,2026-01-01,2026-02-01,100,15,115,0\n")
    import_folder(door, path)
    with door.for_every_business() as session:
        session.execute(update(Invoice).values(status="cancelled"))
    before = rows_with_versions(door)
    assert import_folder(door, path).files["invoices.csv"] == Counts(0, 0, 1)
    assert rows_with_versions(door) == before


@pytest.mark.parametrize("total", ["0", "115"])
def test_status_follows_from_what_was_paid(door: Door, tmp_path: Path, total: str) -> None:
    row = f"I,1,2026-01-01,2026-02-01,{total},0,{total}"
    statuses = []
    for paid in ("0", total):
        import_folder(door, written(tmp_path, customers=CUSTOMER, invoices=f"{INVOICES}{row},{paid}\n"))
        with door.for_every_business() as session:
            statuses.append(session.scalars(select(Invoice.status)).one())
    assert statuses == ["paid" if total == "0" else "issued", "paid"]


def test_an_invoice_does_not_move_to_another_account(door: Door, tmp_path: Path) -> None:
    customers = "account_no,name\n1,Sara\n2,Omar\n"
    row = "2026-01-01,2026-02-01,100,15,115,0"
    import_folder(door, written(tmp_path, customers=customers, invoices=f"{INVOICES}I,1,{row}\n"))
    assert refused(door, written(tmp_path, invoices=f"{INVOICES}I,2,{row}\n")) == [
        "invoices.csv:2: account_no of invoice I is posted and can't change"
    ]


def test_a_meter_moves_to_another_account(door: Door, tmp_path: Path) -> None:
    head = "meter_no,account_no,kind,network\n"
    customers = "account_no,name\n1,Sara\n2,Omar\n"
    import_folder(door, written(tmp_path, customers=customers, meters=f"{head}M,1,prepaid,manual\n"))
    import_folder(door, written(tmp_path, meters=f"{head}M,2,prepaid,manual\n"))
    with door.for_every_business() as session:
        owner = select(Customer.account_no).join(Meter, Meter.customer_id == Customer.id)
        assert session.scalars(owner).all() == ["2"]


def test_a_subscription_is_resumed_by_a_file_without_the_columns_of_a_pause(door: Door, tmp_path: Path) -> None:
    head, row = "reference,account_no,plan,start_date,status", "S,1,P,2026-01-01"
    files = {"customers": CUSTOMER, "plans": PLAN}
    paused = written(tmp_path, **files, subscriptions=f"{head},paused_on\n{row},paused,2026-01-10\n")
    import_folder(door, paused)
    import_folder(door, written(tmp_path, subscriptions=f"{head},end_date\n{row},active,2026-02-08\n"))
    with door.for_every_business() as session:
        wanted = select(Subscription.status, Subscription.paused_on, Subscription.last_day)
        assert session.execute(wanted).one() == ("active", None, date(2026, 2, 8))


def test_a_sender_goes_to_another_twilio_account_and_back(door: Door, tmp_path: Path) -> None:
    head = "address,channel,account_sid_var"
    import_folder(door, written(tmp_path, senders=f"{head},auth_token_var\nNOOR,sms,A,B\n"))
    import_folder(door, written(tmp_path, senders=f"{head}\nNOOR,sms,\n"))
    with door.for_every_business() as session:
        assert session.execute(
            select(Sender.account_sid_var, Sender.auth_token_var).where(Sender.channel == "sms")
        ).one() == (None, None)


def test_a_sender_that_was_switched_off_stays_off(door: Door, tmp_path: Path) -> None:
    path = written(tmp_path, senders="address,channel\nNOOR,sms\n")
    import_folder(door, path)
    with door.for_every_business() as session:
        session.execute(update(Sender).values(enabled=False))
    import_folder(door, path)
    with door.for_every_business() as session:
        assert session.scalars(select(Sender.enabled)).all() == [False, False]


def test_the_currency_does_not_change(door: Door, tmp_path: Path) -> None:
    import_folder(door, written(tmp_path))
    business = "code,name_en,name_ar,currency\nNOOR,Noor,النور,EGP\n"
    assert refused(door, written(tmp_path, business=business)) == [
        "business.csv:2: currency: amounts are posted in SAR already"
    ]


def test_who_wrote_before_is_linked_and_keeps_the_contact(door: Door, tmp_path: Path) -> None:
    import_folder(door, written(tmp_path))
    with door.for_every_business() as session:
        business_id = session.scalars(select(Business.id)).one()
        contact = Contact(id=new_id(), business_id=business_id, channel="sms", address="+966500000001", language="en")
        session.add(contact)
    import_folder(door, written(tmp_path, customers=PEOPLE + "1,Sara,0500000001,no\n"))
    with door.for_every_business() as session:
        known = session.scalars(select(Contact).where(Contact.channel == "sms")).one()
        assert (known.id, known.language) == (contact.id, "en")
        assert (
            session.scalars(select(ContactCustomer).where(ContactCustomer.contact_id == known.id)).one().source
            == "import"
        )


def test_a_link_that_the_contact_proved_survives_another_phone(door: Door, tmp_path: Path) -> None:
    import_folder(door, written(tmp_path, customers=PEOPLE + "1,Sara,0500000001,no\n"))
    with door.for_every_business() as session:
        session.execute(update(ContactCustomer).values(source="linked"))
    import_folder(door, written(tmp_path, customers=PEOPLE + "1,Sara,0500000002,no\n"))
    with door.for_every_business() as session:
        linked = select(Contact.address).join(ContactCustomer).where(Contact.channel == "sms").order_by(Contact.address)
        assert session.scalars(linked).all() == ["+966500000001", "+966500000002"]


def test_consent_goes_with_the_customer_to_another_phone(door: Door, tmp_path: Path) -> None:
    for phone in ("0500000001", "0500000002", "0500000002"):
        import_folder(door, written(tmp_path, customers=PEOPLE + f"1,Sara,{phone},yes\n"))
    assert _consents(door) == [("1", True), ("2", True)]


def test_consent_does_not_overrule_who_is_reached_there(door: Door, tmp_path: Path) -> None:
    import_folder(door, written(tmp_path, customers=PEOPLE + "1,Sara,0500000001,yes\n2,Omar,0500000002,yes\n"))
    import_folder(door, written(tmp_path, customers=PEOPLE + "2,Omar,0500000002,no\n"))
    import_folder(door, written(tmp_path, customers=PEOPLE + "1,Sara,0500000002,yes\n"))
    assert _consents(door) == [("1", True), ("2", True), ("2", False)]


def test_two_accounts_of_one_phone_that_disagree_at_once_mean_no(door: Door, tmp_path: Path) -> None:
    for answers in (("no", "yes"), ("yes", "no")):
        rows = "".join(f"{account},Sara,0500000001,{answer}\n" for account, answer in enumerate(answers))
        import_folder(door, written(tmp_path, customers=PEOPLE + rows))
    assert _consents(door) == [("1", True), ("1", False)]


def test_another_business_is_left_alone(door: Door, tmp_path: Path) -> None:
    files = {
        "customers": PEOPLE + "1,Sara,0500000001,yes\n",
        "plans": PLAN,
        "meters": "meter_no,account_no,kind,network\nM,1,prepaid,manual\n",
        "subscriptions": "reference,account_no,plan,start_date,status\nS,1,P,2026-01-01,active\n",
        "invoices": f"{INVOICES}I,1,2026-01-01,2026-02-01,100,15,115,0\n",
    }
    import_folder(door, written(tmp_path, **files))
    before = rows_with_versions(door)
    changed = {
        **files,
        "customers": PEOPLE + "1,Other,0500000001,no\n",
        "invoices": files["invoices"].replace("100,15,115", "200,30,230"),
    }
    report = import_folder(door, written(tmp_path, business=OTHER, **changed))
    assert {counts.new for counts in report.files.values()} == {1}
    after = rows_with_versions(door)
    assert all(set(before[table] or ()) <= set(after[table] or ()) for table in before)


def test_the_accounts_of_another_business_are_none_of_ours(door: Door, tmp_path: Path) -> None:
    import_folder(door, written(tmp_path, business=OTHER, customers=CUSTOMER))
    meters = "meter_no,account_no,kind,network\nM,1,prepaid,manual\n"
    assert refused(door, written(tmp_path, meters=meters)) == ["meters.csv:2: account_no 1: there is no such customer"]


def test_identifiers_sort_by_the_time_of_their_making(door: Door, tmp_path: Path) -> None:
    before = new_id()
    import_folder(door, written(tmp_path, customers=PEOPLE + "1,Sara,0500000001,yes\n2,Omar,0500000002,yes\n"))
    after = new_id()
    with door.for_every_business() as session:
        for table in (Customer, Contact, ContactCustomer, Consent):
            made = session.scalars(select(table.id)).all()
            assert made
            assert all(before < one < after and one.version == 7 for one in made)
