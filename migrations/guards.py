"""Row-level security, as every table of the service has it."""

from alembic import op

# A session says for whom it was opened (see domain/door.py); one that says nothing sees nothing.
_POLICY = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_business ON {table}
    USING (current_setting('raseed.business', true) = '*' OR current_setting('raseed.business', true) = {key}::text)
"""
_SERVES_ALL = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_business ON {table} USING (current_setting('raseed.business', true) = '*')
"""


def guard(table: str, key: str = "business_id") -> None:
    """Let a session see only the rows of the business that it was opened for."""
    op.execute(_POLICY.format(table=table, key=key))


def guard_from_businesses(table: str) -> None:
    """Let only a session that was opened for every business see the rows: they belong to none."""
    op.execute(_SERVES_ALL.format(table=table))


def unguard(table: str) -> None:
    """Take that away."""
    op.execute(f"DROP POLICY own_business ON {table}; ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
