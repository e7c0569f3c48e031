"""What the service's role may do: read and write rows, change no table, and never rewrite what is only added to."""

from sqlalchemy import Connection, text

from domain.tables import APPEND_ONLY, Base


def grant_service(connection: Connection, role: str) -> None:
    """Grant `role` what the service needs on every table, and nothing more. Does nothing for the owner itself."""
    if connection.scalar(text("SELECT current_user")) == role:
        return
    quoted = connection.dialect.identifier_preparer.quote(role)
    for table in Base.metadata.sorted_tables:
        rights = "SELECT, INSERT" if table.name in APPEND_ONLY else "SELECT, INSERT, UPDATE, DELETE"
        connection.execute(text(f"REVOKE ALL ON {table.name} FROM {quoted}"))
        connection.execute(text(f"GRANT {rights} ON {table.name} TO {quoted}"))
    connection.execute(text(f"GRANT SELECT ON speaks_for, alembic_version TO {quoted}"))
    connection.execute(text(f"GRANT USAGE ON SCHEMA public TO {quoted}"))
    for function in ("enter_by_bearer", "enter_by_sender"):
        connection.execute(text(f"GRANT EXECUTE ON FUNCTION {function} TO {quoted}"))
