"""The ledger, the numbers of documents, and invoices with lines and credit notes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.guards import guard, unguard

revision = "0030"
down_revision = "0020"
branch_labels = None
depends_on = None

_TABLES = ("ledger_account", "journal_entry", "journal_line", "number_series", "invoice_line", "credit_note")
_ONLY_ADDED_TO = ("journal_entry", "journal_line", "invoice_line", "credit_note")

# At the end of the transaction an entry has all its lines, and they sum to zero. No line can come later: there is no
# number left for one. A reversal is the opposite of what it reverses, on every account. How to look was decided once in
# each session, perhaps when there was next to nothing; so it is told to use the index.
_CHECK_ENTRY = """
CREATE FUNCTION check_entry() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    found integer;
    unbalanced boolean;
BEGIN
    SELECT COALESCE(sum(lines), 0), COALESCE(bool_or(total <> 0), false) INTO found, unbalanced
    FROM (SELECT count(*) AS lines, sum(amount_minor) AS total FROM journal_line
          WHERE entry_id = NEW.id GROUP BY currency) AS by_currency;
    IF found <> NEW.lines THEN
        RAISE EXCEPTION 'entry % has % lines, not %', NEW.id, found, NEW.lines USING ERRCODE = 'check_violation';
    END IF;
    IF unbalanced THEN
        RAISE EXCEPTION 'entry % does not sum to zero', NEW.id USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.reverses_id IS NOT NULL AND (
        EXISTS (SELECT FROM journal_entry WHERE id = NEW.reverses_id AND reverses_id IS NOT NULL)
        OR EXISTS (SELECT FROM journal_line WHERE entry_id IN (NEW.id, NEW.reverses_id)
                   GROUP BY account_id HAVING sum(amount_minor) <> 0)) THEN
        RAISE EXCEPTION 'entry % is not the opposite of %', NEW.id, NEW.reverses_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER whole AFTER INSERT ON journal_entry DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_entry()
"""
# What is booked on wallets moves their balances, at once and one after the other; the check on the balance then refuses
# what would go below zero. Wallets are always locked in the same order.
_MOVE_WALLETS = """
CREATE FUNCTION move_wallets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM ledger_account
    WHERE id IN (SELECT account_id FROM fresh) AND kind = 'wallet' ORDER BY id FOR NO KEY UPDATE;
    IF FOUND THEN
        UPDATE ledger_account SET balance_minor = balance_minor - moved.amount
        FROM (SELECT account_id, sum(amount_minor) AS amount FROM fresh GROUP BY account_id) AS moved
        WHERE id = moved.account_id AND kind = 'wallet';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER move_wallets AFTER INSERT ON journal_line REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION move_wallets()
"""
# An account is never changed but by what is booked on it.
_ACCOUNTS_STAY = """
CREATE TRIGGER only_booked_on BEFORE UPDATE OR DELETE ON ledger_account
    FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON ledger_account
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""
_POSTED = (
    "business_id", "customer_id", "invoice_no", "issue_date", "currency", "net_minor", "vat_minor", "total_minor",
    "series", "number", "issued_at", "parties",
)  # fmt: skip
_INVOICES_STAY = f"""
CREATE FUNCTION refuse_posted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% % is posted: % refused', TG_TABLE_NAME, OLD.invoice_no, TG_OP
        USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER posted_stays BEFORE UPDATE ON invoice FOR EACH ROW
    WHEN (({", ".join(f"OLD.{name}" for name in _POSTED)})
          IS DISTINCT FROM ({", ".join(f"NEW.{name}" for name in _POSTED)}))
    EXECUTE FUNCTION refuse_posted();
CREATE TRIGGER posted_stays_there BEFORE DELETE ON invoice FOR EACH ROW EXECUTE FUNCTION refuse_posted()
"""

# What there is already begins the book: opening balances as money that was there before, and what is still owed.
_BEGIN_THE_BOOK = """
CREATE TEMP TABLE beginning ON COMMIT DROP AS
SELECT gen_random_uuid() AS entry_id, business_id, source_type, source_id, customer_id, debit, credit, minor, currency,
       timezone
FROM (SELECT customer.business_id, 'customer' AS source_type, customer.id AS source_id, customer.id AS customer_id,
             'opening' AS debit, 'wallet' AS credit, opening_balance_minor AS minor, currency, timezone
      FROM customer JOIN business ON business.id = customer.business_id WHERE opening_balance_minor > 0
      UNION ALL
      SELECT invoice.business_id, 'invoice', invoice.id, customer_id, 'receivable', 'opening',
             total_minor - paid_minor, invoice.currency, timezone
      FROM invoice JOIN business ON business.id = invoice.business_id WHERE status IN ('issued', 'part_paid')) AS one;
CREATE TEMP TABLE beginning_side ON COMMIT DROP AS
SELECT entry_id, business_id, currency, side.n, account, amount,
       CASE WHEN account IN ('wallet', 'receivable') THEN customer_id END AS customer
FROM beginning CROSS JOIN LATERAL (VALUES (1, debit, minor), (2, credit, -minor)) AS side (n, account, amount);
INSERT INTO ledger_account (id, created_at, business_id, kind, currency, customer_id, holder_id, balance_minor)
SELECT gen_random_uuid(), now(), business_id, account, currency, customer, COALESCE(customer, business_id),
       CASE account WHEN 'wallet' THEN 0 END
FROM (SELECT DISTINCT business_id, account, currency, customer FROM beginning_side) AS fresh;
INSERT INTO journal_entry (id, created_at, business_id, day, kind, source_type, source_id, lines)
SELECT entry_id, now(), business_id, (now() AT TIME ZONE timezone)::date, 'opening', source_type, source_id, 2
FROM beginning;
INSERT INTO journal_line (entry_id, n, lines, created_at, business_id, account_id, currency, amount_minor)
SELECT entry_id, n, 2, now(), side.business_id, ledger_account.id, side.currency, amount
FROM beginning_side AS side JOIN ledger_account
  ON holder_id = COALESCE(customer, side.business_id) AND kind = account AND ledger_account.currency = side.currency
"""


def upgrade() -> None:
    """Make the tables and the columns, and put their guards up."""
    _ledger_account()
    _journal_entry()
    _journal_line()
    _invoices()
    _invoice_line()
    _credit_note()
    for table in _TABLES:
        guard(table)
    for table in _ONLY_ADDED_TO:
        op.execute(
            f"CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    for statement in (_CHECK_ENTRY, _MOVE_WALLETS, _ACCOUNTS_STAY, _INVOICES_STAY):
        op.execute(statement)
    op.execute(_BEGIN_THE_BOOK)


def downgrade() -> None:
    """Drop them."""
    op.execute("DROP TRIGGER posted_stays ON invoice; DROP TRIGGER posted_stays_there ON invoice")
    for table in reversed(_TABLES):
        unguard(table)
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_posted, check_entry, move_wallets")
    for column in ("parties", "issued_at", "number", "series"):
        op.drop_column("invoice", column)


def _ledger_account() -> None:
    op.create_table(
        "ledger_account",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("balance_minor", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('wallet', 'receivable', 'revenue', 'vat_payable', 'gateway_clearing', 'cash', 'elsewhere', "
            "'opening')",
            name=op.f("ck_ledger_account_kind"),
        ),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("ck_ledger_account_currency")),
        sa.CheckConstraint(
            "(kind IN ('wallet', 'receivable')) = (customer_id IS NOT NULL)", name=op.f("ck_ledger_account_customer")
        ),
        sa.CheckConstraint("holder_id = COALESCE(customer_id, business_id)", name=op.f("ck_ledger_account_holder")),
        sa.CheckConstraint("(kind = 'wallet') = (balance_minor IS NOT NULL)", name=op.f("ck_ledger_account_balance")),
        sa.CheckConstraint("balance_minor >= 0", name=op.f("ck_ledger_account_not_below_zero")),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_ledger_account_business_id")),
        sa.ForeignKeyConstraint(
            ["business_id", "customer_id"],
            ["customer.business_id", "customer.id"],
            name=op.f("fk_ledger_account_business_id_customer_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_account")),
        sa.UniqueConstraint("holder_id", "kind", "currency", name=op.f("uq_ledger_account_holder_id_kind_currency")),
        sa.UniqueConstraint("business_id", "id", "currency", name=op.f("uq_ledger_account_business_id_id_currency")),
    )


def _journal_entry() -> None:
    op.create_table(
        "journal_entry",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source_type", sa.String(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.Column("lines", sa.SmallInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("lines >= 2", name=op.f("ck_journal_entry_lines")),
        sa.CheckConstraint("(kind = 'reversal') = (reverses_id IS NOT NULL)", name=op.f("ck_journal_entry_reversal")),
        sa.CheckConstraint("reverses_id <> id", name=op.f("ck_journal_entry_reverses_another")),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_journal_entry_business_id")),
        sa.ForeignKeyConstraint(
            ["business_id", "reverses_id"],
            ["journal_entry.business_id", "journal_entry.id"],
            name=op.f("fk_journal_entry_business_id_reverses_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_entry")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_journal_entry_reverses_id")),
        sa.UniqueConstraint("business_id", "id", name=op.f("uq_journal_entry_business_id_id")),
        sa.UniqueConstraint("business_id", "id", "lines", name=op.f("uq_journal_entry_business_id_id_lines")),
        sa.UniqueConstraint(
            "business_id",
            "source_type",
            "source_id",
            "kind",
            name=op.f("uq_journal_entry_business_id_source_type_source_id_kind"),
        ),
    )
    op.create_index("ix_journal_entry_day", "journal_entry", ["business_id", "day"])


def _journal_line() -> None:
    op.create_table(
        "journal_line",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column("lines", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("n BETWEEN 1 AND lines", name=op.f("ck_journal_line_n")),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_journal_line_amount")),
        sa.ForeignKeyConstraint(
            ["business_id", "entry_id", "lines"],
            ["journal_entry.business_id", "journal_entry.id", "journal_entry.lines"],
            name=op.f("fk_journal_line_business_id_entry_id_lines"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "account_id", "currency"],
            ["ledger_account.business_id", "ledger_account.id", "ledger_account.currency"],
            name=op.f("fk_journal_line_business_id_account_id_currency"),
        ),
        sa.PrimaryKeyConstraint("entry_id", "n", name=op.f("pk_journal_line")),
    )
    op.create_index("ix_journal_line_account", "journal_line", ["account_id"], postgresql_include=["amount_minor"])


def _invoices() -> None:
    op.add_column("invoice", sa.Column("series", sa.String(), nullable=True))
    op.add_column("invoice", sa.Column("number", sa.BigInteger(), nullable=True))
    op.add_column("invoice", sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("invoice", sa.Column("parties", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.create_check_constraint(
        op.f("ck_invoice_ours"),
        "invoice",
        "(series IS NULL) = (number IS NULL) AND (series IS NULL) = (issued_at IS NULL) "
        "AND (series IS NULL) = (parties IS NULL)",
    )
    op.create_unique_constraint(
        op.f("uq_invoice_business_id_series_number"), "invoice", ["business_id", "series", "number"]
    )
    op.create_table(
        "number_series",
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("last >= 0", name=op.f("ck_number_series_last")),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_number_series_business_id")),
        sa.PrimaryKeyConstraint("business_id", "name", name=op.f("pk_number_series")),
    )


def _invoice_line() -> None:
    op.create_table(
        "invoice_line",
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.Column("description_en", sa.String(), nullable=False),
        sa.Column("description_ar", sa.String(), nullable=False),
        sa.Column("meter_no", sa.String(), nullable=True),
        sa.Column("quantity", sa.Numeric(precision=18, scale=3), nullable=True),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("unit_price", sa.Numeric(precision=18, scale=6), nullable=True),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("vat_category", sa.String(), nullable=False),
        sa.Column("vat_rate", sa.Numeric(precision=5, scale=4), nullable=False),
        sa.CheckConstraint("vat_category IN ('S', 'Z', 'E', 'O')", name=op.f("ck_invoice_line_vat_category")),
        sa.CheckConstraint("vat_rate >= 0 AND vat_rate < 1", name=op.f("ck_invoice_line_vat_rate")),
        sa.CheckConstraint("(vat_category = 'S') = (vat_rate > 0)", name=op.f("ck_invoice_line_vat")),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_invoice_line_business_id")),
        sa.ForeignKeyConstraint(
            ["business_id", "invoice_id"],
            ["invoice.business_id", "invoice.id"],
            name=op.f("fk_invoice_line_business_id_invoice_id"),
        ),
        sa.PrimaryKeyConstraint("invoice_id", "n", name=op.f("pk_invoice_line")),
    )


def _credit_note() -> None:
    op.create_table(
        "credit_note",
        sa.Column("invoice_id", sa.Uuid(), nullable=False),
        sa.Column("credit_note_no", sa.String(), nullable=False),
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("issue_date", sa.Date(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("vat_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("business_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("total_minor = net_minor + vat_minor", name=op.f("ck_credit_note_total")),
        sa.ForeignKeyConstraint(["business_id"], ["business.id"], name=op.f("fk_credit_note_business_id")),
        sa.ForeignKeyConstraint(
            ["business_id", "invoice_id"],
            ["invoice.business_id", "invoice.id"],
            name=op.f("fk_credit_note_business_id_invoice_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_note")),
        sa.UniqueConstraint("business_id", "credit_note_no", name=op.f("uq_credit_note_business_id_credit_note_no")),
        sa.UniqueConstraint("business_id", "invoice_id", name=op.f("uq_credit_note_business_id_invoice_id")),
        sa.UniqueConstraint("business_id", "series", "number", name=op.f("uq_credit_note_business_id_series_number")),
    )
